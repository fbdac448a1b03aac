import Foundation
import RekeyCore
import RekeyPorts
import Synchronization

/// What a worker did with many secrets.
final class EstateCounts: Sendable {
    private struct State {
        var begun = 0
        var completed = 0
        var received = 0
        var sweeps = 0
        var lastChange = ContinuousClock.now
    }

    private let state = Mutex(State())

    var begun: Int { state.withLock { $0.begun } }
    var completed: Int { state.withLock { $0.completed } }
    /// How many events came, again and again included.
    var received: Int { state.withLock { $0.received } }
    var sweeps: Int { state.withLock { $0.sweeps } }

    /// Whether nothing was written for so many seconds.
    func isQuiet(for seconds: Double) -> Bool {
        let last = state.withLock { $0.lastChange }
        return last.duration(to: .now) >= .seconds(seconds)
    }

    func note(_ writes: [JournalWrite]) {
        state.withLock { state in
            state.lastChange = .now
            for case .append(let event, _) in writes {
                switch event {
                case .accepted: state.begun += 1
                case .finished(.complete, _): state.completed += 1
                default: break  // Only beginnings and completions are counted.
                }
            }
        }
    }

    func noteReceived(_ count: Int) { state.withLock { $0.received += count } }

    func noteSweep() { state.withLock { $0.sweeps += 1 } }
}

/// A journal that counts rotations, events, and rounds of the sweeper.
struct EstateJournal: Journal {
    let base: any Journal
    let counts: EstateCounts

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        let answers = try await base.receive(entries)
        counts.noteReceived(entries.count)
        return answers
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        try await base.commit(writes, under: claim)
        counts.note(writes)
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try await base.claim(rotation, for: holder, seconds: seconds)
    }

    func release(_ claim: Claim) async throws(JournalFailure) { try await base.release(claim) }

    /// The sweeper forgets old ids after its first round.
    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        counts.noteSweep()
        return try await base.prune(before: date, limit: limit)
    }
}
