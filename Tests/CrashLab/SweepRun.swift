package import CrashSupport

/// What came of one run.
package struct SweepRun: Sendable {
    package let plan: FaultPlan
    /// The points of the whole run, in order.
    package var trace: [SeamPoint] = []
    package var hits: [SeamFault] = []
    package var checks = 0
    package var violations: [String] = []
    package var outcome = "none"
    /// The states from which its workers were started again.
    package var restarts: [String] = []

    package init(_ plan: FaultPlan) { self.plan = plan }
}
