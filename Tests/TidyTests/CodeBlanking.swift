/// Replaces what is not code by blanks, and keeps every line break, so that line numbers stay.
///
/// It knows nested comments, raw and multi-line strings, and leaves the code of an interpolation.
/// It does not know regular expression literals.
struct CodeBlanking {
    private let bytes: [UInt8]
    private var result: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
        result = bytes
    }

    mutating func run() -> [UInt8] {
        code(untilParenthesisCloses: false)
        return result
    }

    private mutating func code(untilParenthesisCloses isInterpolation: Bool) {
        var depth = 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "/") where starts("//"): lineComment()
            case UInt8(ascii: "/") where starts("/*"): blockComment()
            case UInt8(ascii: "\""): string(hashes: 0)
            case UInt8(ascii: "#"): hash()
            case UInt8(ascii: "`"): rawIdentifier()
            case UInt8(ascii: "("):
                depth += 1
                position += 1
            case UInt8(ascii: ")"):
                depth -= 1
                position += 1
                if isInterpolation && depth == 0 { return }
            default: position += 1
            }
        }
    }

    private mutating func lineComment() {
        while position < bytes.count && bytes[position] != UInt8(ascii: "\n") { blank() }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                blank(2)
            } else if starts("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && position < bytes.count
    }

    private mutating func rawIdentifier() {
        repeat {
            blank()
        } while position < bytes.count && bytes[position] != UInt8(ascii: "`")
            && bytes[position] != UInt8(ascii: "\n")
        blank()
    }

    private mutating func hash() {
        var end = position
        while end < bytes.count && bytes[end] == UInt8(ascii: "#") { end += 1 }
        let hashes = end - position
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else {
            position = end
            return
        }
        blank(hashes)
        string(hashes: hashes)
    }

    private mutating func string(hashes: Int) {
        let suffix = String(repeating: "#", count: hashes)
        let quotes = starts(#"""""#) ? #"""""# : "\""
        blank(quotes.utf8.count)
        while position < bytes.count {
            if starts(quotes + suffix) { return blank(quotes.utf8.count + hashes) }
            if starts("\\" + suffix + "(") {
                blank(hashes + 2)
                code(untilParenthesisCloses: true)
            } else if starts("\\" + suffix) {
                blank(hashes + 2)
            } else {
                blank()
            }
        }
    }

    private func starts(_ text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] != UInt8(ascii: "\n") { result[position] = UInt8(ascii: " ") }
            position += 1
        }
    }
}
