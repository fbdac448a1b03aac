/// What is read from `rekey.yaml` has to be used: a setting that nobody asks for is a promise that
/// nobody keeps.
enum SettingRules {
    private static let settings = "Sources/Configuration/Settings/"
    /// Where settings are held against each other, and put to use.
    private static let users = ["Sources/Configuration/", "Sources/CLI/"]
    private static let declaration = "    package var "

    /// The settings whose name stands behind no dot where settings are used, and nowhere else in
    /// their own file.
    static func unused(among files: [SourceFile]) -> [Violation] {
        let lines = files.filter { $0.isUnder(users) }.flatMap(\.codeLines)
        let used = lines.filter { $0.contains(".") }
        return files.filter { $0.isUnder([settings]) }.flatMap { file in
            file.codeLines.indices.compactMap { index in
                guard let name = name(in: file.codeLines[index]),
                    !used.contains(where: { $0.holds(word: "." + name) }),
                    file.codeLines.count(where: { $0.holds(word: name) }) == 1
                else { return nil }
                return Violation(path: file.path, line: index + 1, what: "nobody uses \(name)")
            }
        }
    }

    private static func name(in line: Substring) -> String? {
        guard line.hasPrefix(declaration) else { return nil }
        return String(line.dropFirst(declaration.count).prefix { $0.isLetter || $0.isNumber })
    }
}
