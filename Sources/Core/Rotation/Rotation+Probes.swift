package import Foundation

// A look that signs in may count against the account, which locks itself out after a few.
extension Rotation {
    private static let probeWindowSeconds: Double = 3_600

    /// The decision, or a wait where it would sign in more often than the policy allows.
    func withinProbeBudget(_ decision: Decision, at now: Date) -> Decision {
        guard decision == .perform(.probeInstalled) else { return decision }
        let recent = recentProbes(at: now)
        guard recent.count >= plan.policy.probesPerHour, let first = recent.first else {
            return decision
        }
        return .wait(until: first + Self.probeWindowSeconds)
    }

    /// The probes that still count at a time, the oldest first.
    package func recentProbes(at now: Date) -> [Date] { Self.recent(probes ?? [], at: now) }

    /// Those of the probes of an account that still count at a time, the oldest first.
    package static func recent(_ probes: [Date], at now: Date) -> [Date] {
        probes.filter { now.timeIntervalSince($0) < probeWindowSeconds }.sorted()
    }

    /// Counts a probe, whether or not it told anything.
    mutating func countProbe(at: Date) { probes = recentProbes(at: at) + [at] }
}
