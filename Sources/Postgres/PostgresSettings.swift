package import RekeyCore

/// Where a PostgreSQL server is, as whom to sign in, and how long anything may take.
package struct PostgresSettings: Sendable {
    /// How the connection is protected, with no way down from one to the other.
    package enum TLS: Sendable, Equatable {
        /// TLS 1.2 or later; the server's certificate must lead to one in this PEM file and name
        /// the host.
        case verified(rootCertificatePath: String)
        /// No TLS at all: only for a loopback or a tunnel, and only when somebody wrote so.
        case disabled

        /// The authorities that Debian and its descendants trust.
        package static let systemRoots = Self.verified(
            rootCertificatePath: "/etc/ssl/certs/ca-certificates.crt"
        )
    }

    package static let defaultPort = 5432

    package var host: String
    package var port: Int
    package var database: String
    package var user: String
    package var password: Secret
    package var tls: TLS
    /// What `pg_stat_activity` shows.
    package var applicationName: String
    package var limits: PostgresLimits
    /// Whether a cancelled task's connection closes at once, or the call runs to its end, as one
    /// needs it that several tasks share.
    package var closesWhenCancelled: Bool

    package init(
        host: String,
        port: Int = PostgresSettings.defaultPort,
        database: String,
        user: String,
        password: Secret,
        tls: TLS = .systemRoots,
        applicationName: String = "rekey",
        limits: PostgresLimits = PostgresLimits(),
        closesWhenCancelled: Bool = true
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
        self.tls = tls
        self.applicationName = applicationName
        self.limits = limits
        self.closesWhenCancelled = closesWhenCancelled
    }
}
