import Foundation
import RekeyCore
import RekeyPorts

/// Reads a journal as one who relies on memory for what is to be done.
struct PlantedReader: JournalReader {
    let base: any JournalReader
    let mistake: Mistake
    let memory: PlantedMemory

    func inbox(limit: Int) async throws(JournalFailure) -> [InboxEntry] {
        let entries = try await base.inbox(limit: limit)
        guard mistake == .noInboxSweep else { return entries }
        let known = memory.withContents { $0.inbox }
        return entries.filter { known.contains($0.id) }
    }

    func outbox(limit: Int) async throws(JournalFailure) -> [OutboxRow] {
        let rows = try await base.outbox(limit: limit)
        guard mistake == .noOutboxSweep else { return rows }
        let known = memory.withContents { $0.outbox }
        return rows.filter { known.contains($0.event) }
    }

    func rotation(_ id: RotationID) async throws(JournalFailure) -> Rotation? {
        try await base.rotation(id)
    }

    func rotations(_ query: RotationQuery) async throws(JournalFailure) -> [Rotation] {
        try await base.rotations(query)
    }

    func history(of rotation: RotationID) async throws(JournalFailure) -> [HistoryEntry] {
        try await base.history(of: rotation)
    }

    func timers(dueAt date: Date, limit: Int) async throws(JournalFailure) -> [JournalTimer] {
        try await base.timers(dueAt: date, limit: limit)
    }

    func nextTimer() async throws(JournalFailure) -> Date? {
        try await base.nextTimer()
    }

    func credentials() async throws(JournalFailure) -> [CredentialRecord] {
        try await base.credentials()
    }

    func credential(_ id: CredentialID) async throws(JournalFailure) -> CredentialRecord? {
        try await base.credential(id)
    }

    func debts(unpaidOnly: Bool) async throws(JournalFailure) -> [Debt] {
        try await base.debts(unpaidOnly: unpaidOnly)
    }

    func unpaidDebts(of id: CredentialID) async throws(JournalFailure) -> [Debt] {
        try await base.unpaidDebts(of: id)
    }

    func sleepers(limit: Int) async throws(JournalFailure) -> [RotationID] {
        try await base.sleepers(limit: limit)
    }

    func counts() async throws(JournalFailure) -> JournalCounts {
        try await base.counts()
    }
}
