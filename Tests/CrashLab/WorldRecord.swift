import Foundation
import RekeyCore
import RekeyPorts
import Synchronization

/// What the journal of a world took in, as it was written down beside it.
final class WorldRecord: Sendable {
    private let rows = Mutex<[EventID: [UInt8]]>([:])

    /// The bodies of all events that were ever put into the outbox.
    var bodies: [EventID: [UInt8]] { rows.withLock { $0 } }

    func note(_ writes: [JournalWrite]) {
        rows.withLock { rows in
            // What is enqueued again changes nothing.
            for case .enqueue(let row) in writes where rows[row.event] == nil {
                rows[row.event] = row.body
            }
        }
    }
}

/// A journal that has what it commits noted.
struct RecordedJournal: Journal {
    let base: any Journal
    let record: WorldRecord

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        try await base.commit(writes, under: claim)
        record.note(writes)
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try await base.claim(rotation, for: holder, seconds: seconds)
    }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await base.prune(before: date, limit: limit)
    }

    func release(_ claim: Claim) async throws(JournalFailure) { try await base.release(claim) }
}
