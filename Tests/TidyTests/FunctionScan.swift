/// Finds the functions, initializers and subscripts in blanked code, and how long they are.
struct FunctionScan {
    /// A declaration with a body, from the line of its keyword to that of its last brace.
    struct Function: Equatable {
        let line: Int
        let lineCount: Int
    }

    private static let keywords = ["func", "init", "deinit", "subscript"].map { Array($0.utf8) }
    /// What may begin a line of a signature whose brackets are all closed.
    private static let continuations = [
        "{", "->", "throws", "async", "rethrows", "where", "reasync",
    ]
    .map { Array($0.utf8) }

    private let code: [UInt8]
    private(set) var functions: [Function] = []

    init(_ code: [UInt8]) {
        self.code = code
        var line = 1
        var index = 0
        while index < code.count {
            if code[index] == UInt8(ascii: "\n") { line += 1 }
            if let end = keyword(at: index), let body = body(from: end) {
                let lines = code[index...body].count { $0 == UInt8(ascii: "\n") }
                functions.append(Function(line: line, lineCount: lines + 1))
            }
            index += 1
        }
    }

    /// The end of a keyword that declares something; `.init` and `self.init(` are calls.
    private func keyword(at index: Int) -> Int? {
        guard index == 0 || isSeparator(code[index - 1]) else { return nil }
        for word in Self.keywords where code[index...].starts(with: word) {
            let end = index + word.count
            guard end < code.count, !isIdentifier(code[end]) else { continue }
            return end
        }
        return nil
    }

    /// The place of the closing brace, or nil for a requirement of a protocol.
    private func body(from start: Int) -> Int? {
        var depth = 0
        var index = start
        while index < code.count {
            switch code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return closing(index)
            case UInt8(ascii: "}") where depth == 0: return nil
            case UInt8(ascii: "\n") where depth == 0:
                let rest = code[index...].drop {
                    $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: " ")
                }
                guard Self.continuations.contains(where: { rest.starts(with: $0) }) else {
                    return nil
                }
            default: break
            }
            index += 1
        }
        return nil
    }

    private func closing(_ opening: Int) -> Int? {
        var depth = 0
        for index in opening..<code.count {
            if code[index] == UInt8(ascii: "{") { depth += 1 }
            if code[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    private func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "{")
    }

    private func isIdentifier(_ byte: UInt8) -> Bool {
        Character(UnicodeScalar(byte)).isLetter || byte == UInt8(ascii: "_")
            || Character(UnicodeScalar(byte)).isNumber
    }
}
