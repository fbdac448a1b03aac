import Foundation

extension Rotation {
    /// How long nobody could be sure to sign in: 0 where old and new were accepted together, else
    /// from before the call that applied the new value to the last reload, and where hooks feed
    /// workloads, to the last success of a required one.
    ///
    /// Workloads that reload by themselves add their own.
    package var gapSeconds: Double {
        guard !plan.strategy.overlaps, let began = times.appliedAt else { return 0 }
        let ended = times.lastRefreshedAt ?? times.completedAt ?? times.stepBeganAt
        return max(0, ended.timeIntervalSince(began))
    }
}
