/// How a secret's value holds the credential: alone, or as a field of a document.
package enum ValueFormat: Codable, Hashable, Sendable {
    /// The value is the secret itself. It names no account.
    case bare
    /// A connection string of ADO.NET or ODBC: `Server=…;User ID=…;Password=…`.
    case ado
    /// A JDBC URL: `jdbc:…?user=…&password=…`, or SQL Server's `jdbc:sqlserver://…;password=…`.
    case jdbc
    /// A URL with user information: `postgres://user:password@host/…`, `amqp://…`, `redis://…`.
    case url
    /// A StackExchange.Redis string: `host:6380,password=…,ssl=True`.
    case redis
    /// A JSON document; RFC 6901 pointers to the secret and, where there is one, the account.
    case json(secret: String, account: String?)
    /// Several values that a verifier accepts side by side, the newest first: `new,old`.
    case list(separator: ListSeparator)
    /// The same as an array of strings in a JSON document, at an RFC 6901 pointer.
    case jsonList(String)

    /// A document longer than this is refused.
    ///
    /// Key Vault's own limit is 25 KB.
    package static let documentByteLimit = 64 << 10

    /// Whether a carrier in this form can hold candidate and previous at once.
    package var holdsSeveral: Bool {
        switch self {
        case .list, .jsonList: true
        case .bare, .ado, .jdbc, .url, .redis, .json: false
        }
    }

    /// Whether a document in this form can name the account beside the secret.
    package var namesAccount: Bool {
        switch self {
        case .ado, .jdbc, .url, .redis: true
        case .json(_, let account): account != nil
        case .bare, .list, .jsonList: false
        }
    }

    /// The form's name, as in the configuration.
    package var name: String {
        switch self {
        case .bare: "bare"
        case .ado: "ado"
        case .jdbc: "jdbc"
        case .url: "url"
        case .redis: "redis"
        case .json: "json"
        case .list: "list"
        case .jsonList: "jsonList"
        }
    }
}

/// What stands between the values of a list.
package enum ListSeparator: String, Codable, Hashable, Sendable, CaseIterable {
    case comma, semicolon, space, newline

    var byte: UInt8 {
        switch self {
        case .comma: UInt8(ascii: ",")
        case .semicolon: UInt8(ascii: ";")
        case .space: UInt8(ascii: " ")
        case .newline: UInt8(ascii: "\n")
        }
    }
}
