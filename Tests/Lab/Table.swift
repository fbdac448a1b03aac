import CrashLab
import Foundation

/// The table of the sweep, a line for each course.
enum Table {
    static func writeHead() {
        write(["course", "points", "runs", "merged", "closed", "back", "stuck", "violations", "s"])
    }

    static func write(_ leg: Leg, _ report: SweepReport, _ time: Duration) {
        let others = report.outcomes.filter { !["closed", "rolledBack"].contains($0.key) }
        write([
            report.name, "\(report.points)", "\(report.runs)", "\(report.merged)",
            "\(report.outcomes["closed"] ?? 0)", "\(report.outcomes["rolledBack"] ?? 0)",
            "\(others.values.reduce(0, +))", "\(report.failures.count)",
            String(format: "%.1f", time / .seconds(1)),
        ])
    }

    static func write(_ result: SweepResult) {
        Report.line(
            "sum: points \(result.points), runs \(result.runs), merged \(result.merged), checks "
                + "\(result.checks), violations \(result.violations); controls found "
                + "\(result.controlsFound) of \(result.controls), mutants found "
                + "\(result.mutantsFound) of \(result.mutants)"
        )
    }

    private static func write(_ cells: [String]) {
        let widths = [40, 8, 8, 8, 8, 8, 8, 11, 7]
        let padded = zip(cells, widths).enumerated().map { place, pair in
            let space = String(repeating: " ", count: max(pair.1 - pair.0.count, 1))
            return place == 0 ? pair.0 + space : space + pair.0
        }
        Report.line(padded.joined())
    }
}
