package import Foundation
package import RekeyCore
package import RekeyPorts
import Synchronization

/// A journal that lasts as long as its process, for tests and the simulator.
///
/// It keeps no audit chain: the digests of its history are empty.
package final class InMemoryJournal: Journal {
    package let id: String
    private let clock: any Clock
    private let contents = Mutex(JournalContents())

    package init(id: String = "in-memory", clock: any Clock) {
        self.id = id
        self.clock = clock
    }

    package var reader: any JournalReader { self }

    package func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        for entry in entries { try entry.checkTexts() }
        return contents.withLock { contents in entries.map { contents.receive($0) } }
    }

    package func commit(
        _ writes: [JournalWrite],
        under claim: Claim?
    ) async throws(JournalFailure) {
        try contents.withLock { contents throws(JournalFailure) in
            try contents.commit(writes, under: claim, at: clock.now)
        }
    }

    package func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        let now = clock.bootSeconds
        return contents.withLock {
            $0.claim(rotation, for: holder, at: now, seconds: seconds)
        }
    }

    package func release(_ claim: Claim) async throws(JournalFailure) {
        contents.withLock { $0.release(claim) }
    }

    package func prune(
        before date: Date,
        limit: Int
    ) async throws(JournalFailure) -> Int {
        contents.withLock { $0.prune(before: date, limit: limit) }
    }

    /// Does what opening a durable journal again does: claims of the process before are void.
    ///
    /// A test that lets a worker die calls this before it starts the next one.
    package func reopen() {
        contents.withLock { $0.voidClaims() }
    }
}

extension InMemoryJournal: JournalReader {
    package func rotation(_ id: RotationID) async throws(JournalFailure) -> Rotation? {
        contents.withLock { $0.chapters[id]?.state }
    }

    package func rotations(_ query: RotationQuery) async throws(JournalFailure) -> [Rotation] {
        contents.withLock { $0.rotations(query) }
    }

    package func history(
        of rotation: RotationID
    ) async throws(JournalFailure) -> [HistoryEntry] {
        let events = contents.withLock { $0.chapters[rotation]?.events ?? [] }
        return events.enumerated().map {
            HistoryEntry(number: $0.offset + 1, event: $0.element, digest: "")
        }
    }

    package func inbox(limit: Int) async throws(JournalFailure) -> [InboxEntry] {
        contents.withLock { $0.inbox(limit: limit) }
    }

    package func outbox(limit: Int) async throws(JournalFailure) -> [OutboxRow] {
        contents.withLock { Array($0.unsent.ordered.prefix(max(limit, 0))) }
    }

    package func timers(
        dueAt date: Date,
        limit: Int
    ) async throws(JournalFailure) -> [JournalTimer] {
        let due = contents.withLock { $0.timers.values.filter { $0.dueAt <= date } }
        let sorted = due.sorted {
            ($0.isUrgent ? 0 : 1, $0.dueAt, $0.rotation, $0.lane)
                < ($1.isUrgent ? 0 : 1, $1.dueAt, $1.rotation, $1.lane)
        }
        return Array(sorted.prefix(max(limit, 0)))
    }

    package func nextTimer() async throws(JournalFailure) -> Date? {
        contents.withLock { $0.timers.values.lazy.map(\.dueAt).min() }
    }

    package func credentials() async throws(JournalFailure) -> [CredentialRecord] {
        contents.withLock { $0.credentials.values.sorted { $0.id < $1.id } }
    }

    package func credential(
        _ id: CredentialID
    ) async throws(JournalFailure) -> CredentialRecord? {
        contents.withLock { $0.credentials[id] }
    }

    package func debts(unpaidOnly: Bool) async throws(JournalFailure) -> [Debt] {
        let found = contents.withLock { $0.debts.values.filter { !unpaidOnly || !$0.isPaid } }
        return found.sorted { ($0.credential, $0.account) < ($1.credential, $1.account) }
    }

    package func unpaidDebts(of id: CredentialID) async throws(JournalFailure) -> [Debt] {
        try await debts(unpaidOnly: true).filter { $0.credential == id }
    }

    package func sleepers(limit: Int) async throws(JournalFailure) -> [RotationID] {
        let now = clock.bootSeconds
        return contents.withLock { $0.sleepers(at: now, limit: limit) }
    }

    package func counts() async throws(JournalFailure) -> JournalCounts {
        contents.withLock { $0.counts }
    }
}
