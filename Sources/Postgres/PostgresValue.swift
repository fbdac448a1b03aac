/// A parameter of a statement, which never shows in the statement's text.
package enum PostgresValue: Sendable, Equatable {
    case null
    case text(String)
    case integer(Int64)
    case real(Double)
    case boolean(Bool)
    /// For `text[]`, as in `name = ANY($1)`.
    case texts([String])
    /// For an array of any type, as `unnest` takes one for each column; `bytes` become `bytea`.
    case array([PostgresValue])
    /// For `bytea`, sent in binary form.
    case bytes([UInt8])

    package static func integer(_ value: Int) -> Self { .integer(Int64(value)) }

    /// What is sent, without the terminating null; `nil` is SQL's null.
    var encoded: [UInt8]? {
        switch self {
        case .null: nil
        case .text(let text): Array(text.utf8)
        case .integer(let value): Array(String(value).utf8)
        case .real(let value): Array(String(value).utf8)
        case .boolean(let value): Array((value ? "t" : "f").utf8)
        case .texts(let texts): Self.arrayLiteral(texts.map { .text($0) })
        case .array(let values): Self.arrayLiteral(values)
        case .bytes(let bytes): bytes
        }
    }

    var isBinary: Bool {
        if case .bytes = self { true } else { false }
    }

    /// Whether a null in it would end it early.
    var holdsNullCharacter: Bool {
        switch self {
        case .text(let text): text.utf8.contains(0)
        case .texts(let texts): texts.contains { $0.utf8.contains(0) }
        case .array(let values): values.contains(where: \.holdsNullCharacter)
        case .null, .integer, .real, .boolean, .bytes: false
        }
    }

    /// `{"a",NULL,"\\x00ff"}`, as PostgreSQL documentation 8.15.2 and 8.4.1 say.
    private static func arrayLiteral(_ values: [PostgresValue]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        var literal = Array("{".utf8)
        for (index, value) in values.enumerated() {
            if index > 0 { literal += ",".utf8 }
            switch value {
            case .null: literal += "NULL".utf8
            case .integer, .real, .boolean: literal += value.encoded ?? []
            case .bytes(let bytes):
                literal.reserveCapacity(literal.count + bytes.count * 2 + 8)
                literal += "\"\\\\x".utf8
                for byte in bytes {
                    literal.append(digits[Int(byte >> 4)])
                    literal.append(digits[Int(byte & 15)])
                }
                literal += "\"".utf8
            case .text, .texts, .array:
                literal += "\"".utf8
                for byte in value.encoded ?? [] {
                    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                        literal.append(UInt8(ascii: "\\"))
                    }
                    literal.append(byte)
                }
                literal += "\"".utf8
            }
        }
        return literal + "}".utf8
    }
}
