import Foundation
import RekeyPorts
import Synchronization

/// The time of one world, which passes only when everything in it waits.
final class WorldClock: RekeyPorts.Clock {
    private struct Sleeper {
        let number: Int
        let date: Date
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now = WorldClock.start
        var sleepers: [Sleeper] = []
        var slept = 0
        var conductor: CheckedContinuation<Void, Never>?
    }

    static let start = Date(timeIntervalSince1970: 1_800_000_000)

    private let state = Mutex(State())

    var now: Date { state.withLock { $0.now } }

    var bootSeconds: Double { now.timeIntervalSince(Self.start) + 1_000 }

    /// When the first of those who sleep wants to be woken.
    var next: Date? { state.withLock { $0.sleepers.map(\.date).min() } }

    func sleep(until date: Date) async throws {
        let number = state.withLock { state in
            state.slept += 1
            return state.slept
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard date > state.now, !Task.isCancelled else { return true }
                    state.sleepers.append(
                        Sleeper(number: number, date: date, continuation: continuation)
                    )
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            take(number)?.resume()
        }
        try Task.checkCancellation()
    }

    /// A call takes time, and nobody is woken by that before everything waits.
    func spend(_ seconds: Double) { state.withLock { $0.now += seconds } }

    /// Wakes the first of those who sleep, at its time.
    func advance() {
        let first = state.withLock { state -> Sleeper? in
            let first = state.sleepers.min { ($0.date, $0.number) < ($1.date, $1.number) }
            guard let first else { return nil }
            state.sleepers.removeAll { $0.number == first.number }
            state.now = max(state.now, first.date)
            return first
        }
        first?.continuation.resume()
    }

    /// Goes on to `date`, where nobody wants to be woken before.
    func set(to date: Date) { state.withLock { $0.now = max($0.now, date) } }

    /// Returns once nothing in this world can go on without time passing.
    ///
    /// For the one who conducts it.
    func idle() async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.conductor = continuation }
        }
    }

    /// Lets the conductor go on; false where nobody waits to.
    func wakeConductor() -> Bool {
        let conductor = state.withLock { state in
            defer { state.conductor = nil }
            return state.conductor
        }
        conductor?.resume()
        return conductor != nil
    }

    private func take(_ number: Int) -> CheckedContinuation<Void, Never>? {
        state.withLock { state in
            guard let place = state.sleepers.firstIndex(where: { $0.number == number }) else {
                return nil
            }
            return state.sleepers.remove(at: place).continuation
        }
    }
}
