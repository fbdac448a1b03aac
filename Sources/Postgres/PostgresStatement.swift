package import RekeyCore

/// A statement whose names and literals libpq quotes, for commands that take no parameters.
///
/// It may hold a secret: it has no description, and the text made of it is erased after use.
package struct PostgresStatement: Sendable, ExpressibleByStringInterpolation {
    enum Piece: Sendable {
        case sql(String)
        case identifier(String)
        case literal(String)
        case secret(Secret)
    }

    let pieces: [Piece]

    package init(stringLiteral sql: String) { pieces = [.sql(sql)] }

    package init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

    package struct StringInterpolation: StringInterpolationProtocol {
        var pieces: [Piece] = []

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ sql: String) { pieces.append(.sql(sql)) }

        package mutating func appendInterpolation(identifier: String) {
            pieces.append(.identifier(identifier))
        }

        package mutating func appendInterpolation(literal: String) {
            pieces.append(.literal(literal))
        }

        package mutating func appendInterpolation(secret: Secret) { pieces.append(.secret(secret)) }

        /// A keyword from this program's own text, such as `LOGIN`.
        package mutating func appendInterpolation(keyword: StaticString) {
            pieces.append(.sql("\(keyword)"))
        }
    }
}

extension PostgresStatement: CustomStringConvertible, CustomReflectable {
    package var description: String { "<statement>" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// The statement's first two words in capitals, by which a failure names it.
    var label: String {
        guard case .sql(let sql) = pieces.first else { return "statement" }
        return Self.label(of: sql)
    }

    static func label(of sql: String) -> String {
        let words = sql.split(maxSplits: 2, whereSeparator: \.isWhitespace).prefix(2)
        let commands = words.prefix { $0.allSatisfy { $0.isUppercase && $0.isASCII } }
        return commands.isEmpty ? "statement" : commands.joined(separator: " ")
    }
}
