import Foundation
import RekeyCore
import RekeyPorts
import Synchronization

/// When the last event came to the inbox, and when it was durable there.
final class InboxTimes: Sendable {
    struct Last: Sendable {
        var came = ContinuousClock.now
        var durable = ContinuousClock.now
    }

    private let state = Mutex(Last())

    var last: Last { state.withLock { $0 } }

    func note(_ came: ContinuousClock.Instant) {
        state.withLock { $0 = Last(came: came, durable: .now) }
    }
}

/// A journal that notes when requests, which belong to no rotation yet, come to the inbox.
struct InboxJournal: Journal {
    let base: any Journal
    let times: InboxTimes

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        let came = ContinuousClock.now
        let isNew = try await base.receive(entries)
        if entries.contains(where: { $0.type == .rotationRequested }) { times.note(came) }
        return isNew
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        try await base.commit(writes, under: claim)
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try await base.claim(rotation, for: holder, seconds: seconds)
    }

    func release(_ claim: Claim) async throws(JournalFailure) {
        try await base.release(claim)
    }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await base.prune(before: date, limit: limit)
    }
}
