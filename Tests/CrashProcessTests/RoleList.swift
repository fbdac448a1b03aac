import RealParts
import RekeyCore
import RekeyPostgres

/// Lists the roles that PostgreSQL lets in, over one connection that it keeps.
actor RoleList {
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

    private func open() async throws -> PostgresConnection {
        if let connection, await connection.isOpen { return connection }
        let opened = try await PostgresConnection.open(settings)
        connection = opened
        return opened
    }
}
