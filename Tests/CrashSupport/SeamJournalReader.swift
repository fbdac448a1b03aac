import Foundation
import RekeyCore
import RekeyPorts

/// A journal's reader behind a seam: it changes nothing, and can fail.
struct SeamJournalReader: JournalReader {
    private let base: any JournalReader
    private let seam: Seam

    init(_ base: any JournalReader, _ seam: Seam) {
        self.base = base
        self.seam = seam
    }

    func rotation(_ id: RotationID) async throws(JournalFailure) -> Rotation? {
        try await pass("rotation") { () async throws(JournalFailure) in
            try await base.rotation(id)
        }
    }

    func rotations(_ query: RotationQuery) async throws(JournalFailure) -> [Rotation] {
        try await pass("rotations") { () async throws(JournalFailure) in
            try await base.rotations(query)
        }
    }

    func history(of rotation: RotationID) async throws(JournalFailure) -> [HistoryEntry] {
        try await pass("history") { () async throws(JournalFailure) in
            try await base.history(of: rotation)
        }
    }

    func inbox(limit: Int) async throws(JournalFailure) -> [InboxEntry] {
        try await pass("inbox") { () async throws(JournalFailure) in
            try await base.inbox(limit: limit)
        }
    }

    func outbox(limit: Int) async throws(JournalFailure) -> [OutboxRow] {
        try await pass("outbox") { () async throws(JournalFailure) in
            try await base.outbox(limit: limit)
        }
    }

    func timers(dueAt date: Date, limit: Int) async throws(JournalFailure) -> [JournalTimer] {
        try await pass("timers") { () async throws(JournalFailure) in
            try await base.timers(dueAt: date, limit: limit)
        }
    }

    func nextTimer() async throws(JournalFailure) -> Date? {
        try await pass("nextTimer") { () async throws(JournalFailure) in
            try await base.nextTimer()
        }
    }

    func credentials() async throws(JournalFailure) -> [CredentialRecord] {
        try await pass("credentials") { () async throws(JournalFailure) in
            try await base.credentials()
        }
    }

    func credential(_ id: CredentialID) async throws(JournalFailure) -> CredentialRecord? {
        try await pass("credential") { () async throws(JournalFailure) in
            try await base.credential(id)
        }
    }

    func debts(unpaidOnly: Bool) async throws(JournalFailure) -> [Debt] {
        try await pass("debts") { () async throws(JournalFailure) in
            try await base.debts(unpaidOnly: unpaidOnly)
        }
    }

    func unpaidDebts(of id: CredentialID) async throws(JournalFailure) -> [Debt] {
        try await pass("unpaidDebts") { () async throws(JournalFailure) in
            try await base.unpaidDebts(of: id)
        }
    }

    func sleepers(limit: Int) async throws(JournalFailure) -> [RotationID] {
        try await pass("sleepers") { () async throws(JournalFailure) in
            try await base.sleepers(limit: limit)
        }
    }

    func counts() async throws(JournalFailure) -> JournalCounts {
        try await pass("counts") { () async throws(JournalFailure) in try await base.counts() }
    }

    private func pass<Value: Sendable>(
        _ call: String,
        _ body: @escaping @Sendable () async throws(JournalFailure) -> Value
    ) async throws(JournalFailure) -> Value {
        try await seam.pass("reader.\(call)", failing: { .unavailable($0.reason) }, body)
    }
}
