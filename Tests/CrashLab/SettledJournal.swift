import Foundation
import RekeyCore
import RekeyPorts

/// A journal that answers before anything else in its world goes on.
///
/// A real one works in threads of its own, and what is done meanwhile would differ from run to run.
struct SettledJournal: Journal {
    let base: any Journal
    let executor: WorldExecutor

    var id: String { base.id }
    var reader: any JournalReader { SettledReader(base: base.reader, executor: executor) }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.receive(entries)
        }
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.commit(writes, under: claim)
        }
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.claim(rotation, for: holder, seconds: seconds)
        }
    }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.prune(before: date, limit: limit)
        }
    }

    func release(_ claim: Claim) async throws(JournalFailure) {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.release(claim)
        }
    }
}

private struct SettledReader: JournalReader {
    let base: any JournalReader
    let executor: WorldExecutor

    func rotation(_ id: RotationID) async throws(JournalFailure) -> Rotation? {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.rotation(id)
        }
    }

    func rotations(_ query: RotationQuery) async throws(JournalFailure) -> [Rotation] {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.rotations(query)
        }
    }

    func history(of rotation: RotationID) async throws(JournalFailure) -> [HistoryEntry] {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.history(of: rotation)
        }
    }

    func inbox(limit: Int) async throws(JournalFailure) -> [InboxEntry] {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.inbox(limit: limit)
        }
    }

    func outbox(limit: Int) async throws(JournalFailure) -> [OutboxRow] {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.outbox(limit: limit)
        }
    }

    func timers(dueAt date: Date, limit: Int) async throws(JournalFailure) -> [JournalTimer] {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.timers(dueAt: date, limit: limit)
        }
    }

    func nextTimer() async throws(JournalFailure) -> Date? {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.nextTimer()
        }
    }

    func credentials() async throws(JournalFailure) -> [CredentialRecord] {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.credentials()
        }
    }

    func credential(_ id: CredentialID) async throws(JournalFailure) -> CredentialRecord? {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.credential(id)
        }
    }

    func debts(unpaidOnly: Bool) async throws(JournalFailure) -> [Debt] {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.debts(unpaidOnly: unpaidOnly)
        }
    }

    func unpaidDebts(of id: CredentialID) async throws(JournalFailure) -> [Debt] {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.unpaidDebts(of: id)
        }
    }

    func sleepers(limit: Int) async throws(JournalFailure) -> [RotationID] {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.sleepers(limit: limit)
        }
    }

    func counts() async throws(JournalFailure) -> JournalCounts {
        try await executor.alone { () async throws(JournalFailure) in
            try await base.counts()
        }
    }
}
