import CPostgres
import Glibc
import RekeyCore

/// A statement's text with its parameters, ready to be sent, and erased when dropped.
@safe struct ErasedStatement: ~Copyable {
    let label: String
    private let text: ErasedText
    private let parameters: [PostgresValue]

    init(_ sql: String, _ parameters: [PostgresValue]) throws(PostgresFailure) {
        label = PostgresStatement.label(of: sql)
        self.parameters = parameters
        var text = ErasedText(capacity: sql.utf8.count + 1)
        text.append(sql)
        guard !text.containsNull, !parameters.contains(where: \.holdsNullCharacter) else {
            throw PostgresFailure(label, .beforeSend, .unusable("text with a null"))
        }
        self.text = text
    }

    /// Quotes names and literals as `connection`'s server wants them.
    init(_ statement: PostgresStatement, on connection: OpaquePointer) throws(PostgresFailure) {
        label = statement.label
        parameters = []
        var text = ErasedText()
        for piece in statement.pieces {
            switch piece {
            case .sql(let sql): text.append(sql)
            case .identifier(let name):
                try unsafe text.append(quoting: name, label, PQescapeIdentifier, connection)
            case .literal(let value):
                try unsafe text.append(quoting: value, label, PQescapeLiteral, connection)
            case .secret(let secret):
                let plain = try ErasedText(secret, call: label)
                try unsafe text.append(quoting: plain, label, PQescapeLiteral, connection)
            }
        }
        self.text = text
    }

    /// Hands the statement to libpq, and returns false where the connection is lost.
    borrowing func send(on connection: OpaquePointer) -> Bool {
        let parameters = PostgresParameters(parameters)
        let sent = unsafe text.withCString { sql in
            unsafe parameters.withPointers { count, values, lengths, formats in
                unsafe PQsendQueryParams(
                    connection,
                    sql,
                    count,
                    nil,
                    values,
                    lengths,
                    formats,
                    0
                )
            }
        }
        return sent == 1
    }
}

extension ErasedText {
    typealias Quoting =
        (OpaquePointer?, UnsafePointer<CChar>?, Int) -> UnsafeMutablePointer<CChar>?

    fileprivate mutating func append(
        quoting plain: String,
        _ label: String,
        _ quoting: Quoting,
        _ connection: OpaquePointer
    ) throws(PostgresFailure) {
        var text = ErasedText(capacity: plain.utf8.count + 1)
        text.append(plain)
        guard !text.containsNull else {
            throw PostgresFailure(label, .beforeSend, .unusable("text with a null"))
        }
        try unsafe append(quoting: text, label, quoting, connection)
    }

    fileprivate mutating func append(
        quoting plain: borrowing ErasedText,
        _ label: String,
        _ quoting: Quoting,
        _ connection: OpaquePointer
    ) throws(PostgresFailure) {
        let made = unsafe plain.withCString { text in
            unsafe quoting(connection, text, strlen(text))
        }
        guard let made = unsafe made else {
            throw PostgresFailure(label, .beforeSend, .unusable("text that is not UTF-8"))
        }
        let count = unsafe strlen(made)
        unsafe append(UnsafeRawBufferPointer(start: made, count: count))
        unsafe explicit_bzero(made, count)
        unsafe PQfreemem(made)
    }
}
