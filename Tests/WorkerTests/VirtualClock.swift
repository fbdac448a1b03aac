import Foundation
import RekeyPorts
import Synchronization

/// A clock that stands still until a test moves it, and wakes those who sleep by it.
final class VirtualClock: RekeyPorts.Clock {
    private struct State {
        var now: Date
        var nextID = 0
        var sleepers: [Int: (date: Date, wake: CheckedContinuation<Void, any Error>)] = [:]
    }

    private let start: Date
    private let state: Mutex<State>

    init(_ start: Date) {
        self.start = start
        state = Mutex(State(now: start))
    }

    var now: Date { state.withLock { $0.now } }
    var bootSeconds: Double { now.timeIntervalSince(start) }

    /// When each of the sleepers is to be woken, the first first.
    var wakes: [Date] { state.withLock { $0.sleepers.values.map(\.date) }.sorted() }

    func sleep(until date: Date) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    guard date > state.now, !Task.isCancelled else { return true }
                    state.sleepers[id] = (date, continuation)
                    return false
                }
                guard isOver else { return }
                continuation.resume(
                    with: Task.isCancelled ? .failure(CancellationError()) : .success(())
                )
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.wake.resume(throwing: CancellationError())
        }
    }

    /// Moves on to `date`, and wakes who is due by then.
    func advance(to date: Date) {
        let due = state.withLock { state in
            state.now = max(state.now, date)
            let due = state.sleepers.filter { $0.value.date <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.date < $1.date }
        }
        for sleeper in due { sleeper.wake.resume() }
    }
}
