/// The rules on names of folders and types.
enum NameRules {
    static let forbiddenFolders: Set<Substring> = [
        "Utilities", "Utils", "Helpers", "Common", "Extensions", "Models", "Types", "New",
        "Deprecated", "Misc",
    ]
    static let forbiddenParts = ["Manager", "Processor", "Util", "Helper"]
    /// Where a type that answers HTTP requests may be called a handler.
    static let httpFolders = ["Sources/Gateway/", "Sources/AzureStandIn/"]

    private static let keywords: Set<Substring> = [
        "struct", "class", "enum", "actor", "protocol", "typealias",
    ]

    static func folder(_ file: SourceFile) -> [Violation] {
        file.path.split(separator: "/").dropLast().filter { forbiddenFolders.contains($0) }
            .map { Violation(path: file.path, line: 1, what: "lies in a folder named \($0)") }
    }

    static func type(_ file: SourceFile) -> [Violation] {
        file.codeLines.indices.flatMap { index in
            declared(in: file.codeLines[index]).filter { isForbidden($0, in: file) }.map {
                Violation(path: file.path, line: index + 1, what: "declares a type named \($0)")
            }
        }
    }

    private static func declared(in line: Substring) -> [Substring] {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return zip(words, words.dropFirst()).filter { keywords.contains($0.0) }.map(\.1)
    }

    private static func isForbidden(_ name: Substring, in file: SourceFile) -> Bool {
        if forbiddenParts.contains(where: { name.contains($0) }) { return true }
        guard name.contains("Handler") else { return false }
        return !name.contains("HTTP") && !file.isUnder(httpFolders)
    }
}
