/// The rules on how long things are.
enum LengthRules {
    static let fileLimit = 300
    static let functionLimit = 50
    static let lineLimit = 100

    static func file(_ file: SourceFile) -> [Violation] {
        let count = file.lines.last?.isEmpty == true ? file.lines.count - 1 : file.lines.count
        guard count > fileLimit else { return [] }
        return [Violation(path: file.path, line: fileLimit + 1, what: "is \(count) lines long")]
    }

    static func line(_ file: SourceFile) -> [Violation] {
        file.lines.indices.filter { file.lines[$0].count > lineLimit }.map {
            let what = "a line of \(file.lines[$0].count) characters"
            return Violation(path: file.path, line: $0 + 1, what: what)
        }
    }

    static func function(_ file: SourceFile) -> [Violation] {
        FunctionScan(file.code).functions.filter { $0.lineCount > functionLimit }.map {
            let what = "a function of \($0.lineCount) lines"
            return Violation(path: file.path, line: $0.line, what: what)
        }
    }
}
