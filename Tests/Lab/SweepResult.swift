import CrashLab

/// What the JSON line says.
struct SweepResult: Encodable {
    struct Strategy: Encodable {
        let strategy: String
        let points: Int
        let runs: Int
        let merged: Int
        let checks: Int
        let violations: Int
        let outcomes: [String: Int]
    }

    struct Found: Encodable {
        let name: String
        let isFound: Bool
        let runs: Int
        let plan: String?
    }

    private(set) var points = 0
    private(set) var runs = 0
    private(set) var merged = 0
    private(set) var pairs = 0
    private(set) var unreached = 0
    private(set) var checks = 0
    private(set) var violations = 0
    private(set) var controls = 0
    private(set) var controlsFound = 0
    private(set) var mutants = 0
    private(set) var mutantsFound = 0
    private(set) var strategies: [Strategy] = []
    private(set) var mistakes: [Found] = []

    var isGood: Bool {
        violations == 0 && controls == controlsFound && mutants == mutantsFound && runs > 0
    }

    mutating func add(_ report: SweepReport) {
        points += report.points
        runs += report.runs
        merged += report.merged
        pairs += report.pairs
        unreached += report.unreached
        checks += report.checks
        violations += report.failures.count
        strategies.append(
            Strategy(
                strategy: report.name,
                points: report.points,
                runs: report.runs,
                merged: report.merged,
                checks: report.checks,
                violations: report.failures.count,
                outcomes: report.outcomes
            )
        )
    }

    mutating func add(_ hunt: Hunt) {
        let isFound = hunt.run != nil
        if Mistake.controls.contains(hunt.mistake) {
            controls += 1
            controlsFound += isFound ? 1 : 0
        } else {
            mutants += 1
            mutantsFound += isFound ? 1 : 0
        }
        let plan = hunt.run.map { "\($0.plan)" }
        mistakes.append(
            Found(name: hunt.mistake.name, isFound: isFound, runs: hunt.tried, plan: plan)
        )
    }
}
