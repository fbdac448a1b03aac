package import RekeyCore
package import RekeyPorts
package import RekeyPostgres

/// Where a journal in PostgreSQL is, and as whom to sign in.
package struct PostgresJournalSettings: Sendable {
    package typealias PasswordSource = @Sendable () async throws(StepFailure) -> Secret

    package static let defaultSchema = "rekey"

    package var host: String
    package var port: Int
    package var database: String
    package var user: String
    /// Read anew for each connection: it may have been rotated.
    package var password: PasswordSource
    package var tls: PostgresSettings.TLS
    /// The PostgreSQL schema that holds the journal, and nothing else.
    package var schema: String
    /// After how long without a sign of life another worker takes over what this one received and
    /// has not published, in seconds.
    package var replicaSeconds: Double
    /// How often a worker gives a sign of life, and looks for those who give none, in seconds.
    package var beatSeconds: Double
    /// By which claims are judged; nil for the database's clock, as it has to be where more than
    /// one process has the journal open.
    package var claimClock: (any Clock)?

    package init(
        host: String,
        port: Int = PostgresSettings.defaultPort,
        database: String,
        user: String,
        tls: PostgresSettings.TLS = .systemRoots,
        schema: String = PostgresJournalSettings.defaultSchema,
        replicaSeconds: Double = 6,
        beatSeconds: Double = 2,
        claimClock: (any Clock)? = nil,
        password: @escaping PasswordSource
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
        self.tls = tls
        self.schema = schema
        self.replicaSeconds = replicaSeconds
        self.beatSeconds = beatSeconds
        self.claimClock = claimClock
    }

    /// What failures name.
    package var place: String { "postgres \(host):\(port)/\(database) schema \(schema)" }

    /// What the database's clock says, or the given one: the parameter that stands for a null.
    var claimTime: PostgresValue { claimClock.map { .real($0.bootSeconds) } ?? .null }
}
