/// Reads `key=value` fields that semicolons separate, in the dialect of one family of drivers.
struct SemicolonFields {
    enum Dialect {
        /// Quotes `"` and `'`, doubled within; `==` in a key stands for `=`.
        case adoNet
        /// Braces, with `}` doubled within: ODBC, and Microsoft's JDBC driver.
        case braces
        /// No quotes at all: jTDS.
        case plain
    }

    let bytes: ErasableBytes
    let dialect: Dialect

    func read(from start: Int) throws(FormatFault) -> [KeyedField] {
        var fields: [KeyedField] = []
        var offset = skip(start) { $0.isSpace || $0 == ASCII.semicolon }
        while offset < bytes.count {
            let equals = try endOfKey(from: offset)
            let field = try value(from: skip(equals + 1, while: \.isSpace))
            guard let key = key(offset..<equals) else { throw FormatFault(.notText, at: offset) }
            fields.append(KeyedField(key: key, keyOffset: offset, field: field))
            offset = skip(field.range.upperBound, while: \.isSpace)
            guard offset == bytes.count || bytes[offset] == ASCII.semicolon else {
                throw FormatFault(.malformed, at: offset)
            }
            offset = skip(offset) { $0.isSpace || $0 == ASCII.semicolon }
        }
        return fields
    }

    private func endOfKey(from start: Int) throws(FormatFault) -> Int {
        var offset = start
        while let byte = bytes.byte(at: offset), byte != ASCII.semicolon {
            if byte == ASCII.equals {
                let isDoubled = bytes.byte(at: offset + 1) == ASCII.equals
                guard dialect == .adoNet, isDoubled else { return offset }
                offset += 1
            }
            offset += 1
        }
        throw FormatFault(.malformed, at: start)
    }

    /// The key in lower case and without spaces: `User ID` and `userid` are one.
    private func key(_ range: Range<Int>) -> String? {
        let key = ErasableBytes(capacity: range.count)
        for offset in range where !bytes[offset].isSpace { key.append(bytes[offset]) }
        return key.text()?.lowercased()
    }

    private func value(from start: Int) throws(FormatFault) -> Field {
        let first = bytes.byte(at: start)
        switch dialect {
        case .adoNet:
            guard let first, first == ASCII.doubleQuote || first == ASCII.singleQuote else {
                return bare(from: start, .adoNet(quote: nil))
            }
            let end = try closing(first, from: start)
            return Field(range: start..<end, codec: .adoNet(quote: first))
        case .braces:
            guard first == ASCII.openBrace else {
                return bare(from: start, .braces(isBraced: false))
            }
            let end = try closing(ASCII.closeBrace, from: start)
            return Field(range: start..<end, codec: .braces(isBraced: true))
        case .plain:
            return bare(from: start, .plain(terminator: ASCII.semicolon))
        }
    }

    private func bare(from start: Int, _ codec: FieldCodec) -> Field {
        var end = skip(start) { $0 != ASCII.semicolon }
        while end > start, bytes[end - 1].isSpace { end -= 1 }
        return Field(range: start..<end, codec: codec)
    }

    private func closing(_ quote: UInt8, from start: Int) throws(FormatFault) -> Int {
        var offset = start + 1
        while let byte = bytes.byte(at: offset) {
            offset += 1
            guard byte == quote else { continue }
            guard bytes.byte(at: offset) == quote else { return offset }
            offset += 1
        }
        throw FormatFault(.malformed, at: start)
    }

    private func skip(_ start: Int, while isSkipped: (UInt8) -> Bool) -> Int {
        var offset = start
        while let byte = bytes.byte(at: offset), isSkipped(byte) { offset += 1 }
        return offset
    }
}
