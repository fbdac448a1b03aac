/// One file of the repository, as the rules see it.
struct SourceFile: Sendable {
    /// From the repository's root, such as `Sources/Core/Secrets/Secret.swift`.
    let path: String
    let lines: [Substring]
    /// The same lines with comments, string literals and raw identifiers blanked out.
    let codeLines: [Substring]
    /// All of `codeLines`, as bytes.
    let code: [UInt8]

    init(_ path: String, _ text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var blanking = CodeBlanking(text)
        code = path.hasSuffix(".swift") ? blanking.run() : Array(text.utf8)
        codeLines = String(decoding: code, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// A violation for each line of code that `matches`.
    func violations(
        _ what: String,
        where matches: (Substring) -> Bool
    ) -> [Violation] {
        codeLines.indices
            .filter { matches(codeLines[$0]) }
            .map { Violation(path: path, line: $0 + 1, what: what) }
    }

    func isUnder(_ places: [String]) -> Bool { places.contains { path.hasPrefix($0) } }
}

/// A place where a house rule is broken.
struct Violation: Equatable, CustomStringConvertible, Sendable {
    let path: String
    let line: Int
    let what: String

    var description: String { "\(path):\(line): \(what)" }
}

extension Substring {
    /// Says whether `word` stands here by itself, not as a part of a longer identifier.
    ///
    /// An end of `word` that is a sign, as in `print(`, may have anything beside it.
    func holds(word: String) -> Bool {
        var rest = self[...]
        while let found = rest.firstRange(of: word) {
            let before =
                found.lowerBound == startIndex ? nil : self[index(before: found.lowerBound)]
            let after = found.upperBound == endIndex ? nil : self[found.upperBound]
            let isBegun = Self.isIdentifier(before) && Self.isIdentifier(word.first)
            let goesOn = Self.isIdentifier(after) && Self.isIdentifier(word.last)
            if !isBegun && !goesOn { return true }
            rest = rest[found.upperBound...]
        }
        return false
    }

    private static func isIdentifier(_ character: Character?) -> Bool {
        guard let character else { return false }
        return character.isLetter || character.isNumber || character == "_"
    }
}
