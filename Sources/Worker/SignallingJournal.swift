import Foundation
import RekeyCore
import RekeyPorts
import RekeyTelemetry

/// A journal that gives the relay what a commit has for it, and tells the timers, and the worker of
/// its end.
struct SignallingJournal: Journal {
    private let base: any Journal
    private let outbox: OutboxFeed
    private let timers: Signal
    private let end: JournalEnd
    private let measureCommit = Measure.recorder(.journalCommitSeconds)

    init(_ base: any Journal, _ outbox: OutboxFeed, _ timers: Signal, _ end: JournalEnd) {
        self.base = base
        self.outbox = outbox
        self.timers = timers
        self.end = end
    }

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        do {
            return try await base.receive(entries)
        } catch {
            end.note(error)
            throw error
        }
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        let rows = OutboxRows(in: writes)
        outbox.expect(rows.new)
        // After a failed commit too: it may have been written, and then nobody else would tell.
        defer { if rows.hasTimers { timers.raise() } }
        do {
            let began = ContinuousClock.now
            try await base.commit(writes, under: claim)
            measureCommit((ContinuousClock.now - began) / .seconds(1))
        } catch {
            if rows.hasAny { outbox.forget(rows.new) }
            end.note(error)
            throw error
        }
        if !rows.new.isEmpty { outbox.hand(on: rows.new) }
        if rows.hasOthers { outbox.fallBehind() }
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

/// What of some writes gives the relay or the timers work.
private struct OutboxRows {
    /// Beside an event of their rotation: they cannot have been in the outbox before.
    private(set) var new: [OutboxRow] = []
    /// Whether there are rows that the outbox may have or have had already.
    private(set) var hasOthers = false
    private(set) var hasTimers = false

    var hasAny: Bool { hasOthers || !new.isEmpty }

    init(in writes: [JournalWrite]) {
        var appended: Set<RotationID> = []
        for write in writes {
            switch write {
            case .append(_, let state): appended.insert(state.id)
            case .enqueue(let row):
                if let rotation = row.rotation, appended.contains(rotation) {
                    new.append(row)
                } else {
                    hasOthers = true
                }
            case .arm: hasTimers = true
            default: break  // The other writes give no loop work.
            }
        }
    }
}
