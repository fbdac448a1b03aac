import Foundation

/// Where the assignments of a `.env` file are, as dotenv's readers see them.
///
/// A value in quotes may go on over several lines, where nothing but blanks or a comment follows
/// the closing quote; else the quote is a character like any other, and the value one line.
struct EnvironmentLines {
    private let document: [UInt8]

    init(_ document: [UInt8]) { self.document = document }

    /// One assignment, and the bytes that are its value.
    struct Assignment {
        let name: String
        let value: Range<Int>
        /// Begins with a quote that is never closed: what belongs to it cannot be told.
        let isOpen: Bool
    }

    /// The bytes that are the value of the variable's last assignment, which is the one that
    /// counts; nil where it is not assigned.
    ///
    /// Throws for a value whose quote is never closed.
    func last(of variable: String) throws(AgentFailure) -> Range<Int>? {
        guard let found = assignments().last(where: { $0.name == variable }) else { return nil }
        guard !found.isOpen else {
            throw AgentFailure("the value of \(variable) begins with a quote that is never closed")
        }
        return found.value
    }

    /// Whether another document assigns the same as this one, but for the value at `own` there,
    /// which replaces the variable's last or is added behind all others.
    ///
    /// It may not: a quote that nothing closed is closed by one that comes to stand behind it.
    func isSame(as other: EnvironmentLines, butFor variable: String, at own: Range<Int>) -> Bool {
        var before = assignments()
        var after = other.assignments()
        guard let new = after.lastIndex(where: { $0.name == variable }),
            after[new].value == own, !after[new].isOpen
        else { return false }
        after.remove(at: new)
        if let old = before.lastIndex(where: { $0.name == variable }) { before.remove(at: old) }
        return before.count == after.count
            && zip(before, after).allSatisfy { old, new in
                old.name == new.name && document[old.value] == other.document[new.value]
            }
    }

    private func assignments() -> [Assignment] {
        var found: [Assignment] = []
        var start = 0
        while start < document.count {
            let lineEnd = end(ofLineAt: start)
            guard let (name, valueStart) = head(start..<lineEnd) else {
                start = lineEnd + 1
                continue
            }
            let quoted = quotedEnd(from: valueStart, lineEnd: lineEnd)
            let end = quoted.end ?? lineEnd
            let value = valueStart..<trimmed(valueStart, end)
            found.append(Assignment(name: name, value: value, isOpen: quoted.isOpen))
            start = end + 1
        }
        return found
    }

    private func end(ofLineAt start: Int) -> Int {
        document[start...].firstIndex(of: UInt8(ascii: "\n")) ?? document.count
    }

    /// Without the `\r` of a line that ends in `\r\n`.
    private func trimmed(_ start: Int, _ end: Int) -> Int {
        end > start && document[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
    }

    /// The name that a line assigns to, and where its value begins: after `export NAME=`.
    private func head(_ line: Range<Int>) -> (name: String, valueStart: Int)? {
        guard let equals = document[line].firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let before = String(decoding: document[line.lowerBound..<equals], as: UTF8.self)
        let words = before.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        switch words.count {
        case 1: return (words[0], equals + 1)
        case 2 where words[0] == "export": return (words[1], equals + 1)
        default: return nil
        }
    }

    /// The end of the line on which a value in quotes ends, where it goes on over several; and
    /// whether its quote is not closed at all.
    private func quotedEnd(from start: Int, lineEnd: Int) -> (end: Int?, isOpen: Bool) {
        let first = document[start..<lineEnd].firstIndex { !isBlank($0) }
        guard let first, Array("'\"`".utf8).contains(document[first]) else { return (nil, false) }
        guard let close = closing(document[first], from: first + 1) else { return (nil, true) }
        guard close >= lineEnd else { return (nil, false) }
        let end = end(ofLineAt: close)
        let rest = document[(close + 1)..<trimmed(close + 1, end)].first { !isBlank($0) }
        guard rest == nil || rest == UInt8(ascii: "#") else { return (nil, true) }
        return (end, false)
    }

    private func closing(_ quote: UInt8, from start: Int) -> Int? {
        var index = start
        while index < document.count {
            if document[index] == quote { return index }
            let isEscape =
                quote == UInt8(ascii: "\"") && document[index] == UInt8(ascii: "\\")
            index += isEscape ? 2 : 1
        }
        return nil
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
