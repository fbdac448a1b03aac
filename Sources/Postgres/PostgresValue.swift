/// A parameter of a statement, which never shows in the statement's text.
package enum PostgresValue: Sendable, Equatable {
    case null
    case text(String)
    case integer(Int64)
    case real(Double)
    case boolean(Bool)
    /// For `text[]`, as in `name = ANY($1)`.
    case texts([String])
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
        case .texts(let texts): Array(Self.arrayLiteral(texts).utf8)
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
        case .null, .integer, .real, .boolean, .bytes: false
        }
    }

    /// `{"a","b"}`, as PostgreSQL documentation 8.15.6 says.
    private static func arrayLiteral(_ texts: [String]) -> String {
        let elements = texts.map { text in
            "\"" + text.map { "\\\"".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "\""
        }
        return "{" + elements.joined(separator: ",") + "}"
    }
}
