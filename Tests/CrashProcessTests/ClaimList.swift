import RealParts
import RekeyCore
import RekeyPostgres

/// Looks at the claims in the journals that are in PostgreSQL, over one connection that it keeps.
actor ClaimList {
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
            applicationName: "observer of claims",
            // Several worlds look through it.
            closesWhenCancelled: false
        )
    }

    /// Whether a claim of `holder` lasts, by the database's clock.
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
