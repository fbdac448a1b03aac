import RealParts
import RekeyCore
import RekeyPostgres

/// Looks at roles and claims in PostgreSQL, over one connection that it keeps.
actor PostgresObserver {
    private let settings: PostgresSettings
    private var connection: PostgresConnection?

    init(_ postgres: PrivatePostgres) {
        settings = PostgresSettings(
            host: postgres.host,
            port: postgres.port,
            database: "postgres",
            user: postgres.user,
            password: Secret(copying: postgres.password.utf8),
            tls: .disabled,
            applicationName: "observer",
            // Several worlds look through it.
            closesWhenCancelled: false
        )
    }

    /// How many of the roles the server lets in.
    func acceptedCount(of roles: [String]) async throws -> Int {
        let connection = try await open()
        let names = roles.map { "\"\($0)\"" }.joined(separator: ",")
        let rows = try await connection.perform { (own) throws(PostgresFailure) in
            try own.query(
                """
                SELECT count(*) FROM pg_authid WHERE rolname = ANY ($1::name[]) AND rolcanlogin
                AND rolpassword IS NOT NULL AND coalesce(rolvaliduntil > now(), true)
                """,
                [.text("{\(names)}")]
            )
        }
        guard let count = rows.first?.first?.flatMap({ Int($0) }) else {
            throw PartFailure("the list of roles has no count")
        }
        return count
    }

    /// Whether a claim of `holder` lasts in the journal of a schema, by the database's clock.
    func isHeld(by holder: String, in schema: String) async throws -> Bool {
        let connection = try await open()
        let rows = try await connection.perform { (own) throws(PostgresFailure) in
            try own.query(
                """
                SELECT 1 FROM "\(schema)".claims WHERE holder = $1::text
                AND until > extract(epoch FROM clock_timestamp())
                """,
                [.text(holder)]
            )
        }
        return !rows.isEmpty
    }

    private func open() async throws -> PostgresConnection {
        if let connection, await connection.isOpen { return connection }
        let opened = try await PostgresConnection.open(settings)
        connection = opened
        return opened
    }
}
