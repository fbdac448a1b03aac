import Foundation
import RekeyPorts
import Synchronization

/// The time of a simulated world, which passes only when everything in it waits.
///
/// What the worker's date says can be off by `offset`, as after a jump; how long things take, and
/// the time since boot, are not disturbed by that.
final class SimulationClock: RekeyPorts.Clock {
    private struct State {
        var elapsed = 0.0
        var offset = 0.0
        var wakes = Heap<Int>()
        var sleepers: [Int: CheckedContinuation<Void, Never>] = [:]
        var slept = 0
    }

    static let start = Date(timeIntervalSince1970: 1_800_000_000)

    private let state = Mutex(State())

    /// Seconds since the beginning, as they truly are.
    var elapsed: Double { state.withLock { $0.elapsed } }

    /// The date as it truly is.
    var truth: Date { Self.start + elapsed }

    /// The date as the worker's machine has it.
    var now: Date { state.withLock { Self.start + ($0.elapsed + $0.offset) } }

    var bootSeconds: Double { elapsed + 1_000 }

    /// How far the worker's date is ahead of the true one.
    var offset: Double {
        get { state.withLock { $0.offset } }
        set { state.withLock { $0.offset = newValue } }
    }

    /// When the first of those who sleep wants to be woken.
    var next: Double? {
        state.withLock { state in
            while let (at, number) = state.wakes.first, state.sleepers[number] == nil {
                _ = (at, state.wakes.removeFirst())
            }
            return state.wakes.first?.at
        }
    }

    func sleep(until date: Date) async throws {
        let number = state.withLock { state in
            state.slept += 1
            return state.slept
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let seconds = date.timeIntervalSince(Self.start) - state.elapsed - state.offset
                    guard seconds > 0, !Task.isCancelled else { return true }
                    state.sleepers[number] = continuation
                    state.wakes.insert(number, at: state.elapsed + seconds)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: number) }
            sleeper?.resume()
        }
        try Task.checkCancellation()
    }

    /// A call takes time, and nobody is woken by that before everything waits.
    func spend(_ seconds: Double) { state.withLock { $0.elapsed += seconds } }

    /// Goes on to a time, where it is not over yet.
    func set(to elapsed: Double) { state.withLock { $0.elapsed = max($0.elapsed, elapsed) } }

    /// Wakes the first of those who sleep, at its time.
    func wakeFirst() {
        let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let (at, number) = state.wakes.first else { return nil }
            state.wakes.removeFirst()
            state.elapsed = max(state.elapsed, at)
            return state.sleepers.removeValue(forKey: number)
        }
        sleeper?.resume()
    }
}

/// The true time, for what is outside of the worker's machine.
struct TrueClock: RekeyPorts.Clock {
    let base: SimulationClock

    var now: Date { base.truth }
    var bootSeconds: Double { base.bootSeconds }

    func sleep(until date: Date) async throws {
        try await base.sleep(until: date + base.offset)
    }
}
