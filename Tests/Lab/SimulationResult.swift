import Simulation

/// What the JSON line says, and what is printed before it.
struct SimulationResult: Encodable {
    struct Found: Encodable {
        let name: String
        let violations: Int
        let first: String?
    }

    private(set) var runs: [SimulationReport] = []
    private(set) var mistakes: [Found] = []

    var isGood: Bool {
        runs.allSatisfy { $0.violations == 0 } && mistakes.allSatisfy { $0.violations > 0 }
    }

    mutating func add(_ report: SimulationReport) { runs.append(report) }

    mutating func addHunt(_ report: SimulationReport) {
        mistakes.append(
            Found(
                name: report.mistake ?? "",
                violations: report.violations,
                first: report.firstViolations.first
            )
        )
    }

    func write() {
        for mistake in mistakes {
            let what = mistake.first.map { "found: \($0)" } ?? "NOT FOUND"
            Report.line("\(mistake.name): \(what)")
        }
        for run in runs { write(run) }
    }

    private func write(_ run: SimulationReport) {
        Report.line(
            "seed \(run.seed), loss \(run.loss): \(run.secrets) secrets, \(run.years) years, "
                + "\(run.rotations) rotations (\(Self.text(run.outcomes))), \(run.faults) faults, "
                + "\(run.violations) violations, \(Int(run.wallSeconds)) s"
        )
        Report.line("  \(Self.text(run.counts))")
        Report.line("  told: \(Self.text(run.alarms))")
        Report.line(
            "  most begun in an hour \(run.mostBegunInHour), most calls for a secret in an hour "
                + "\(run.mostCallsForSecretInHour), begun early by a wrong clock \(run.early), "
                + "longest delay for nothing \(run.longestDelaySeconds) s"
        )
        for missed in run.missed {
            Report.line(
                "  ended unrotated: \(missed.secret) on day \(missed.day): "
                    + "\(missed.reasons.joined(separator: ", ")); told of "
                    + missed.alarms.joined(separator: ", ")
            )
        }
        for violation in run.firstViolations { Report.line("  violation: \(violation)") }
        Report.line(
            "  trace \(run.traceDigest), \(run.traceLines) lines, \(run.traceBytes) bytes, "
                + "\(run.looks) looks from outside"
        )
    }

    private static func text(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
