/// What Prometheus is told to expect has to be measured: an alarm on a name that nobody sets never
/// rings.
enum MetricRules {
    private static let names = "Sources/Telemetry/MetricName.swift"

    /// The metrics of the list that stand behind no dot elsewhere in `Sources`.
    static func unmeasured(among files: [SourceFile]) -> [Violation] {
        guard let list = files.first(where: { $0.path == names }) else { return [] }
        let used = files.filter { $0.isUnder(["Sources/"]) && $0.path != names }
            .flatMap(\.codeLines).filter { $0.contains(".") }
        return list.codeLines.indices.compactMap { index in
            guard let name = name(in: list.codeLines[index]),
                !used.contains(where: { measures($0, name) })
            else { return nil }
            return Violation(path: list.path, line: index + 1, what: "nobody measures \(name)")
        }
    }

    /// As the first argument of `Measure`, on its line or on one of its own.
    private static func measures(_ line: Substring, _ name: String) -> Bool {
        let isCall = line.contains("Measure.") || line.contains("MetricName.")
        let isArgument = line.trimmingPrefix { $0 == " " } == ".\(name),"
        return isArgument || (isCall && line.holds(word: "." + name))
    }

    private static func name(in line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard words.count > 2, words[0] == "case", words[2] == "=" else { return nil }
        return String(words[1])
    }
}
