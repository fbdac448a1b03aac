import Foundation
import RekeyCore
import RekeyPorts

/// A journal that raises a signal after each commit that may have given the relay or the timers
/// work.
struct SignallingJournal: Journal {
    private let base: any Journal
    private let outbox: OutboxSignal
    private let timers: Signal

    init(_ base: any Journal, _ outbox: OutboxSignal, _ timers: Signal) {
        self.base = base
        self.outbox = outbox
        self.timers = timers
    }

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        // After a failed commit too: it may have been written, and then nobody else would tell.
        defer { raise(for: writes) }
        try await base.commit(writes, under: claim)
    }

    private func raise(for writes: [JournalWrite]) {
        var rows = 0
        var hasTimers = false
        for write in writes {
            switch write {
            case .enqueue: rows += 1
            case .arm: hasTimers = true
            default: break  // The other writes give no loop work.
            }
        }
        if rows > 0 { outbox.raise(by: rows) }
        if hasTimers { timers.raise() }
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
