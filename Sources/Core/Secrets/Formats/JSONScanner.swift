/// Finds places in a JSON document, RFC 8259, without changing a byte of it.
struct JSONScanner {
    static let depthLimit = 64

    let bytes: ErasableBytes

    /// The range of the value that `pointer` names; strings and arrays keep their delimiters.
    ///
    /// The whole document is read, so that a broken one is refused before it is rewritten.
    func locate(_ pointer: JSONPointer) throws(FormatFault) -> Range<Int>? {
        let start = skipSpace(0)
        var found: Range<Int>?
        let end = try value(at: start, depth: 0, tokens: pointer.tokens[...], found: &found)
        let rest = skipSpace(end)
        guard rest == bytes.count else { throw FormatFault(.malformed, at: rest) }
        return found
    }

    /// The ranges of an array's elements.
    func elements(of array: Range<Int>) throws(FormatFault) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        _ = try list(at: array.lowerBound, close: ASCII.closeBracket) {
            (start) throws(FormatFault) in
            var none: Range<Int>?
            let end = try value(at: start, depth: 1, tokens: nil, found: &none)
            ranges.append(start..<end)
            return end
        }
        return ranges
    }

    /// Reads one value and returns where it ends.
    ///
    /// `tokens` is nil off the pointer's path.
    private func value(
        at start: Int,
        depth: Int,
        tokens: ArraySlice<String>?,
        found: inout Range<Int>?
    ) throws(FormatFault) -> Int {
        guard depth <= Self.depthLimit else { throw FormatFault(.tooDeep, at: start) }
        guard let first = bytes.byte(at: start) else { throw FormatFault(.malformed, at: start) }
        let end: Int
        switch first {
        case ASCII.openBrace: end = try object(start, depth, tokens, &found)
        case ASCII.openBracket: end = try array(start, depth, tokens, &found)
        case ASCII.doubleQuote: end = try string(at: start)
        case UInt8(ascii: "t"): end = try literal("true", at: start)
        case UInt8(ascii: "f"): end = try literal("false", at: start)
        case UInt8(ascii: "n"): end = try literal("null", at: start)
        default: end = try number(at: start)
        }
        if let tokens, tokens.isEmpty { found = start..<end }
        return end
    }

    private func object(
        _ start: Int,
        _ depth: Int,
        _ tokens: ArraySlice<String>?,
        _ found: inout Range<Int>?
    ) throws(FormatFault) -> Int {
        var isSeen = false
        return try list(at: start, close: ASCII.closeBrace) { (place) throws(FormatFault) in
            guard bytes.byte(at: place) == ASCII.doubleQuote else {
                throw FormatFault(.malformed, at: place)
            }
            let keyEnd = try string(at: place)
            let colon = skipSpace(keyEnd)
            guard bytes.byte(at: colon) == ASCII.colon else {
                throw FormatFault(.malformed, at: colon)
            }
            var rest: ArraySlice<String>?
            if let token = tokens?.first {
                let key = try JSONString.decode(bytes, (place + 1)..<(keyEnd - 1))
                if key.equals(token.utf8) {
                    guard !isSeen else { throw FormatFault(.duplicateField, at: place) }
                    isSeen = true
                    rest = tokens?.dropFirst()
                }
            }
            let next = skipSpace(colon + 1)
            return try value(at: next, depth: depth + 1, tokens: rest, found: &found)
        }
    }

    private func array(
        _ start: Int,
        _ depth: Int,
        _ tokens: ArraySlice<String>?,
        _ found: inout Range<Int>?
    ) throws(FormatFault) -> Int {
        var index = 0
        return try list(at: start, close: ASCII.closeBracket) { (place) throws(FormatFault) in
            let rest = tokens?.first == String(index) ? tokens?.dropFirst() : nil
            index += 1
            return try value(at: place, depth: depth + 1, tokens: rest, found: &found)
        }
    }

    /// Reads what stands between brackets, comma by comma, and returns where it ends.
    private func list(
        at start: Int,
        close: UInt8,
        element: (Int) throws(FormatFault) -> Int
    ) throws(FormatFault) -> Int {
        var offset = skipSpace(start + 1)
        if bytes.byte(at: offset) == close { return offset + 1 }
        while true {
            offset = skipSpace(try element(offset))
            switch bytes.byte(at: offset) {
            case close: return offset + 1
            case ASCII.comma: offset = skipSpace(offset + 1)
            default: throw FormatFault(.malformed, at: offset)
            }
        }
    }

    private func string(at start: Int) throws(FormatFault) -> Int {
        var offset = start + 1
        while let byte = bytes.byte(at: offset), byte >= 0x20 {
            if byte == ASCII.doubleQuote { return offset + 1 }
            offset += byte == ASCII.backslash ? 2 : 1
        }
        throw FormatFault(.malformed, at: min(offset, bytes.count))
    }

    private func literal(_ text: String, at start: Int) throws(FormatFault) -> Int {
        for (index, byte) in text.utf8.enumerated()
        where bytes.byte(at: start + index) != byte {
            throw FormatFault(.malformed, at: start)
        }
        return start + text.utf8.count
    }

    /// RFC 8259 §6.
    private func number(at start: Int) throws(FormatFault) -> Int {
        var offset = start
        if bytes.byte(at: offset) == UInt8(ascii: "-") { offset += 1 }
        if bytes.byte(at: offset) == UInt8(ascii: "0") {
            offset += 1
        } else {
            offset = try digits(at: offset)
        }
        if bytes.byte(at: offset) == UInt8(ascii: ".") { offset = try digits(at: offset + 1) }
        if let byte = bytes.byte(at: offset), byte | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if let sign = bytes.byte(at: offset), sign == ASCII.plus || sign == UInt8(ascii: "-") {
                offset += 1
            }
            offset = try digits(at: offset)
        }
        return offset
    }

    private func digits(at start: Int) throws(FormatFault) -> Int {
        var offset = start
        while let byte = bytes.byte(at: offset), byte.isDigit { offset += 1 }
        guard offset > start else { throw FormatFault(.malformed, at: start) }
        return offset
    }

    private func skipSpace(_ start: Int) -> Int {
        var offset = start
        while let byte = bytes.byte(at: offset),
            byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
        {
            offset += 1
        }
        return offset
    }
}
