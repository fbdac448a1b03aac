/// What the runs of some courses came to.
package struct SweepReport: Sendable, CustomStringConvertible {
    package var name: String
    /// How many points a run without a fault passes.
    package var points = 0
    package var runs = 0
    /// How many runs went on as another one did, from an equal state.
    package var merged = 0
    /// How many pairs of faults there are, where all were gone through.
    package var pairs = 0
    /// Runs whose last fault never came, because the first led elsewhere.
    package var unreached = 0
    package var checks = 0
    package var outcomes: [String: Int] = [:]
    package var failures: [SweepRun] = []

    package init(_ name: String) { self.name = name }

    package mutating func add(_ run: SweepRun) {
        runs += 1
        checks += run.checks
        if run.outcome == SweepWorld.merged {
            merged += 1
        } else {
            outcomes[run.outcome, default: 0] += 1
        }
        if run.hits.count < run.plan.faults.count { unreached += 1 }
        if !run.violations.isEmpty { failures.append(run) }
    }

    /// Adds what another sweep did.
    package mutating func add(_ other: SweepReport) {
        points += other.points
        runs += other.runs
        merged += other.merged
        pairs += other.pairs
        unreached += other.unreached
        checks += other.checks
        outcomes.merge(other.outcomes, uniquingKeysWith: +)
        failures += other.failures
    }

    package var description: String {
        "crash sweep \(name): points \(points), runs \(runs), unreached \(unreached), "
            + "checks \(checks), violations \(failures.count)"
    }
}
