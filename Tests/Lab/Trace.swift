import CrashLab
import CrashSupport

/// Writes one run as it can be read and run again.
enum Trace {
    static func write(_ run: SweepRun) {
        Report.line("  plan: \(run.plan)")
        let calls = run.trace.filter { $0.side == .before && !$0.name.hasPrefix("reader.") }
        let names = calls.map { "\($0.name)#\($0.ordinal)" }
        let shown = names.prefix(until: run.firstPlace).suffix(length)
        if shown.count < names.count { Report.line("  of \(names.count) calls in all:") }
        Report.line("  \(shown.joined(separator: " → "))")
        Report.line("  outcome: \(run.outcome), \(run.checks) looks from outside")
        for violation in run.violations.prefix(breadth) { Report.line("  violation: \(violation)") }
    }

    /// How many calls before the first violation are shown, and how many violations.
    private static let length = 12
    private static let breadth = 3
}

extension SweepRun {
    /// The call after which something was seen to be wrong.
    fileprivate var firstPlace: String? {
        violations.first?.split(separator: " ").dropLast().last.map(String.init)
    }
}

extension [String] {
    /// The names up to this one, or all where it is not among them.
    fileprivate func prefix(until name: String?) -> ArraySlice<String> {
        guard let name, let place = firstIndex(of: name) else { return self[...] }
        return self[...place]
    }
}
