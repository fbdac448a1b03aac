import CrashSupport

/// What the runs of one sweep came to.
struct ProcessReport: Sendable, CustomStringConvertible {
    let name: String
    var calls = 0
    var points = 0
    var stride = 1
    var runs = 0
    /// Runs that were made again, since the point was not reached or the looks were too few.
    var repeated = 0
    /// Points at which no worker died, or too few looks were made, in any of the attempts.
    var unreached = 0
    var signIns = 0
    var lists = 0
    /// Of both, those while no worker was alive, or the new one had not called anything yet.
    var looksWhileDead = 0
    /// Of the world that was looked at least often, each second; those too few are repeated.
    var fewestSignIns = Double.infinity
    var fewestLists = Double.infinity
    var checks = 0
    /// Each with the point after which it was seen.
    var violations: [String] = []

    init(_ name: String) { self.name = name }

    /// Adds what another sweep did.
    mutating func add(_ other: ProcessReport) {
        calls += other.calls
        points += other.points
        runs += other.runs
        repeated += other.repeated
        unreached += other.unreached
        signIns += other.signIns
        lists += other.lists
        looksWhileDead += other.looksWhileDead
        fewestSignIns = min(fewestSignIns, other.fewestSignIns)
        fewestLists = min(fewestLists, other.fewestLists)
        checks += other.checks
        violations += other.violations
    }

    /// Takes in the attempts at one point, of which only the last may have succeeded.
    mutating func add(_ attempts: [ProcessRun], _ point: SeamPoint?) {
        repeated += attempts.count - 1
        if attempts.last?.isWhole != true { unreached += 1 }
        for run in attempts { add(run, point) }
    }

    private mutating func add(_ run: ProcessRun, _ point: SeamPoint?) {
        let seen = run.seen
        runs += 1
        signIns += seen.signIns
        lists += seen.lists
        looksWhileDead += seen.whileDead
        checks += seen.signIns + seen.lists + run.checks
        if seen.isEnough {
            fewestSignIns = min(fewestSignIns, seen.signInsEachSecond)
            fewestLists = min(fewestLists, seen.listsEachSecond)
        }
        let place = point.map { "killed at \($0)" } ?? "not killed"
        violations += (run.violations + seen.violations).map { "\(name), \(place): \($0)" }
    }

    var description: String {
        "process sweep \(name): calls \(calls), points \(points), every \(stride), "
            + "runs \(runs) (repeated \(repeated)), unreached \(unreached), checks \(checks), "
            + "sign-ins \(signIns) (a second in each world at least \(Int(fewestSignIns))), "
            + "lists \(lists) (at least \(Int(fewestLists))), "
            + "looks while the worker was dead \(looksWhileDead), "
            + "violations \(violations.count)"
    }
}
