/// The rules on words that code may not hold, or only where a list allows them.
enum WordRules {
    /// A word with the places that may hold it.
    struct Rule: Sendable {
        let word: String
        let why: String
        let places: [String]
    }

    static let forbidden: [Rule] = [
        Rule(
            word: "print(",
            why: "prints outside the command line",
            places: [
                "Sources/CLI/", "Sources/AzureStandIn/", "Tests/Benchmarks/", "Tests/Lab/",
                "Tests/CrashTests/", "Tests/Fuzz/",
            ]
        ),
        Rule(word: "Task.detached", why: "starts a task that nobody awaits", places: []),
        Rule(word: "fatalError", why: "stops the process for what may be no bug", places: []),
        Rule(word: "try!", why: "stops the process for a failure", places: []),
        Rule(
            word: "DispatchQueue",
            why: "uses a queue outside Platform",
            places: ["Sources/Platform/"]
        ),
        Rule(word: "import XCTest", why: "uses XCTest", places: []),
    ]

    /// No line of code holds a forbidden word outside the places named with it.
    static func forbidden(_ file: SourceFile) -> [Violation] {
        forbidden.flatMap { rule in
            file.isUnder(rule.places) ? [] : find(rule.word, rule.why, in: file)
        }
    }

    /// Lines with an audited word must lie in a place on that word's list.
    static func audited(_ file: SourceFile) -> [Violation] {
        AllowList.all.flatMap { list -> [Violation] in
            guard list.folders.contains(where: { file.path.hasPrefix($0) }) else { return [] }
            guard !list.allows(file.path) else { return [] }
            return find(list.word, "holds `\(list.word)` and is not on its list", in: file)
        }
    }

    /// The entries of all lists that no file needs any more.
    static func unused(among files: [SourceFile]) -> [String] {
        AllowList.all.flatMap { list in
            list.entries.keys.filter { place in
                !files.contains { file in
                    file.path.hasPrefix(place) && !find(list.word, "", in: file).isEmpty
                }
            }.map { "\(list.word): \($0)" }
        }.sorted()
    }

    /// What the repository may not name, in comments and strings too: whose machine it was made on.
    static func traces(_ file: SourceFile) -> [Violation] {
        // Joined here, so that this file does not hold them.
        let words = [
            "/wo" + "rk/main", "/wo" + "rk/shared", "/tmp/ro" + "oms", "/ro" + "ot/", "TO" + "DO",
            "FIX" + "ME",
        ]
        return file.lines.indices.flatMap { index in
            words.filter { file.lines[index].contains($0) }
                .map { Violation(path: file.path, line: index + 1, what: "names \($0)") }
        }
    }

    private static func find(_ word: String, _ what: String, in file: SourceFile) -> [Violation] {
        file.violations(what) { $0.holds(word: word) }
    }
}
