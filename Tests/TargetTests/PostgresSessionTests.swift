import PostgresParts
import PostgresTarget
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct `Sessions at a PostgreSQL target` {
    /// Roles whose administrator may see sessions.
    private func watched(_ strategy: RekeyCore.Strategy) async throws -> PostgresRoles {
        let roles = try await PostgresRoles.make(strategy)
        let administrator = roles.target.settings.administrator.role
        try await roles.server.psql("GRANT pg_read_all_stats TO \"\(administrator)\"")
        return roles
    }

    /// A session that calls itself `name`, until it is closed.
    private func session(
        _ name: String,
        _ credential: Credential,
        _ roles: PostgresRoles
    ) async throws -> PostgresConnection {
        let session = try await roles.session(credential)
        try await session.perform { (own) throws(PostgresFailure) in
            _ = try own.query("SELECT set_config('application_name', $1, false)", [.text(name)])
        }
        return session
    }

    private func accounts(
        _ roles: PostgresRoles,
        _ name: String?,
        from addresses: [String] = []
    ) async throws -> [AccountID] {
        let origin = SessionOrigin(applicationName: name, addresses: addresses)
        return try await roles.target.sessions(from: origin).map(\.account).sorted()
    }

    @Test func `are told apart by name, address and account`() async throws {
        let roles = try await watched(.alternate)
        let candidate = roles.candidate
        let (first, second) = (roles.accounts[0], roles.accounts[1])
        try await roles.target.install(candidate, fence: roles.fence)
        let old = try await session("orders-api", roles.current, roles)
        let other = try await session("orders-jobs", candidate, roles)
        #expect(try await accounts(roles, "orders-api") == [first])
        #expect(try await accounts(roles, "orders-jobs") == [second])
        #expect(try await accounts(roles, nil) == [first, second])
        #expect(try await accounts(roles, "orders") == [])
        #expect(try await accounts(roles, "orders-api", from: ["127.0.0.0/8", "::1"]) == [first])
        #expect(try await accounts(roles, "orders-api", from: ["10.0.0.0/8"]) == [])
        let ranges = ["10.0.0.0/8", "::1", "127.0.0.1"]
        #expect(try await accounts(roles, nil, from: ranges).count == 2)
        await old.close()
        await other.close()
        try await eventually("both are gone") { try await accounts(roles, nil).isEmpty }
    }

    @Test func `are as old as the server says`() async throws {
        let roles = try await watched(.replace)
        let first = try await session("orders-api", roles.current, roles)
        let origin = SessionOrigin(applicationName: "orders-api")
        try await eventually("it is a second old") {
            try await roles.target.sessions(from: origin).allSatisfy { $0.ageSeconds > 1 }
        }
        let second = try await session("orders-api", roles.current, roles)
        let ages = try await roles.target.sessions(from: origin).map(\.ageSeconds).sorted()
        #expect(ages.count == 2 && ages[0] < 1 && ages[1] > 1, "\(ages)")
        await first.close()
        await second.close()
    }

    // To whom the server hides them they would look like none, and be waited for in vain.
    @Test func `that the administrator may not see are no silence`() async throws {
        let roles = try await PostgresRoles.make(.replace)
        let open = try await session("orders-api", roles.current, roles)
        let origin = SessionOrigin(applicationName: "orders-api")
        let failure = await #expect(throws: StepFailure.self) {
            try await roles.target.sessions(from: origin)
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.reason.contains("pg_read_all_stats") == true)
        let administrator = roles.target.settings.administrator.role
        let account = PostgresRoles.quoted(roles.accounts[0])
        try await roles.server.psql("GRANT \(account) TO \"\(administrator)\"")
        #expect(try await roles.target.sessions(from: origin).count == 1)
        await open.close()
    }
}
