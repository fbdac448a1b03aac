/// Where the journal is.
package enum JournalSettings: Equatable, Sendable {
    /// The path of a database file, for a single worker.
    case sqlite(path: String)
    /// A PostgreSQL database, for several workers.
    case postgres(JournalDatabaseSettings)

    /// Whether several workers may have it open at once.
    package var isShared: Bool {
        switch self {
        case .sqlite: false
        case .postgres: true
        }
    }
}

/// A PostgreSQL database that holds the journal in a schema of its own.
package struct JournalDatabaseSettings: Equatable, Sendable {
    package enum TLSMode: String, Sendable, CaseIterable {
        /// Never in the clear, and the server's certificate and name are checked.
        case verifyFull = "verify-full"
        /// In the clear: for a server on this machine only.
        case off
    }

    package static let defaultDatabase = "rekey"
    package static let defaultSchema = "rekey"

    package var host: String
    package var port: Int
    package var database: String
    package var user: String
    package var password: SecretSource
    package var schema: String
    package var tlsMode: TLSMode
    /// The path of a PEM file; nil trusts the system's.
    package var authorities: String?
}
