import Foundation
import RekeyCore
import RekeyPorts

/// A journal that does not answer.
struct SilentJournal: JournalReader {
    private let failure = JournalFailure.unavailable("the disk is gone")

    func rotation(_ id: RotationID) async throws(JournalFailure) -> Rotation? { throw failure }
    func rotations(_ query: RotationQuery) async throws(JournalFailure) -> [Rotation] {
        throw failure
    }
    func history(of rotation: RotationID) async throws(JournalFailure) -> [HistoryEntry] {
        throw failure
    }
    func inbox(limit: Int) async throws(JournalFailure) -> [InboxEntry] { throw failure }
    func outbox(limit: Int) async throws(JournalFailure) -> [OutboxRow] { throw failure }
    func timers(dueAt date: Date, limit: Int) async throws(JournalFailure) -> [JournalTimer] {
        throw failure
    }
    func nextTimer() async throws(JournalFailure) -> Date? { throw failure }
    func credentials() async throws(JournalFailure) -> [CredentialRecord] { throw failure }
    func credential(_ id: CredentialID) async throws(JournalFailure) -> CredentialRecord? {
        throw failure
    }
    func debts(unpaidOnly: Bool) async throws(JournalFailure) -> [Debt] { throw failure }
    func unpaidDebts(of id: CredentialID) async throws(JournalFailure) -> [Debt] {
        throw failure
    }
    func sleepers(limit: Int) async throws(JournalFailure) -> [RotationID] { throw failure }
    func counts() async throws(JournalFailure) -> JournalCounts { throw failure }
}
