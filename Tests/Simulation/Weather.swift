import CrashLab
import Foundation
import RekeyCore
import RekeyPorts
import Synchronization

/// Which systems are down or throttle now, and what befalls single calls.
final class Weather: Sendable {
    /// How a call goes.
    enum Fate: Sendable {
        case well
        /// It fails and changes nothing.
        case fails(StepFailure)
        /// It takes effect, and its answer is lost.
        case losesAnswer
    }

    private struct State {
        var choice: SeededChoice
        var down: Set<String> = []
        var throttling: Set<String> = []
        var tokens: [String: (window: Int, used: Int)] = [:]
        var counts: [String: Int] = [:]
    }

    private let isCalm: Bool
    private let state: Mutex<State>

    init(seed: UInt64, isCalm: Bool) {
        self.isCalm = isCalm
        state = Mutex(State(choice: SeededChoice(seed ^ 0x7EA7)))
    }

    /// How often each kind of fault happened.
    var counts: [String: Int] { state.withLock { $0.counts } }

    func count(_ kind: String, _ times: Int = 1) {
        state.withLock { $0.counts[kind, default: 0] += times }
    }

    func isDown(_ system: String) -> Bool { state.withLock { $0.down.contains(system) } }

    func setDown(_ isDown: Bool, _ system: String) {
        state.withLock { state in
            if isDown { state.down.insert(system) } else { state.down.remove(system) }
        }
    }

    func setThrottling(_ isThrottling: Bool, _ system: String) {
        state.withLock { state in
            if isThrottling {
                state.throttling.insert(system)
            } else {
                state.throttling.remove(system)
            }
        }
    }

    /// What becomes of a call; a `deed` changes something.
    func fate(of call: String, on system: String, isDeed: Bool, at elapsed: Double) -> Fate {
        guard !isCalm else { return .well }
        return state.withLock { state in
            if state.down.contains(system) {
                state.counts["calls into an outage", default: 0] += 1
                // After a deed that got no answer nobody knows, though nothing happened.
                let kind: StepFailure.Kind =
                    isDeed && state.choice.chance(0.3) ? .unknown : .transient
                return .fails(StepFailure(kind, "\(system): no answer"))
            }
            if state.throttling.contains(system), Self.isOverLimit(system, elapsed, &state) {
                state.counts["429", default: 0] += 1
                return .fails(
                    StepFailure(.transient, "\(system): 429", retryAfterSeconds: Self.retryAfter)
                )
            }
            if state.choice.chance(Self.failingPart) {
                state.counts["calls that fail", default: 0] += 1
                return .fails(StepFailure(.transient, "\(system): 503"))
            }
            guard isDeed, state.choice.chance(Self.lostPart) else { return .well }
            state.counts["lost answers", default: 0] += 1
            return .losesAnswer
        }
    }

    private static func isOverLimit(
        _ system: String,
        _ elapsed: Double,
        _ state: inout State
    ) -> Bool {
        let window = Int(elapsed / windowSeconds)
        var tokens = state.tokens[system] ?? (window, 0)
        if tokens.window != window { tokens = (window, 0) }
        tokens.used += 1
        state.tokens[system] = tokens
        return tokens.used > callsInWindow
    }

    private static let failingPart = 0.002
    private static let lostPart = 0.003
    private static let windowSeconds = 10.0
    private static let callsInWindow = 5
    private static let retryAfter = 10.0
}

extension SeededChoice {
    /// Whether something happens that happens in this part of the cases.
    mutating func chance(_ part: Double) -> Bool { Double.random(in: 0..<1, using: &self) < part }

    /// A time after which something happens that happens once in `mean` seconds.
    mutating func wait(mean: Double) -> Double {
        -mean * Foundation.log(1 - Double.random(in: 0..<1, using: &self))
    }

    /// A number from one of several ranges, each as likely as it says.
    mutating func pick(_ ranges: [(part: Double, range: ClosedRange<Double>)]) -> Double {
        var left = Double.random(in: 0..<1, using: &self)
        for (part, range) in ranges {
            guard left >= part else { return Double.random(in: range, using: &self) }
            left -= part
        }
        return ranges.last.map { Double.random(in: $0.range, using: &self) } ?? 0
    }
}
