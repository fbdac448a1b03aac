import PostgresTarget
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct `AWS's step contract` {
    @Test(arguments: AWSStepTable.rows)
    func `holds, or is broken on purpose`(row: AWSStepTable.Row) async throws {
        let expected: AWSStepTable.Outcome
        switch row.verdict {
        case .same(let outcome): expected = outcome
        case .differs(let outcome, let why):
            expected = outcome
            #expect(!why.isEmpty)
        case .elsewhere(let reason):
            #expect(!reason.isEmpty)
            return
        }
        let roles = try await roles(for: row)
        let candidate = Credential(
            account: row.given == .strangeAccount ? "postgres" : roles.candidate.account,
            secret: Secret(TestPassword.make())
        )
        try await prepare(row, roles, candidate)
        let before = try await passwords(of: roles)
        let target = target(for: row, roles)
        let outcome: AWSStepTable.Outcome
        do {
            try await act(row, on: target, roles, candidate)
            outcome = try await passwords(of: roles) == before ? .unchanged : .changed
        } catch is StepFailure {
            outcome = .refused
            #expect(try await passwords(of: roles) == before)
        }
        #expect(outcome == expected)
        if outcome == .changed { #expect(try await target.accepts(candidate)) }
    }

    private func roles(for row: AWSStepTable.Row) async throws -> PostgresRoles {
        let names = row.given == .oddName ? ["o'dd \"name\"", "other"] : ["app_a", "app_b"]
        let server = row.given == .noTLS ? try await PrivatePostgres.start() : nil
        return try await PostgresRoles.make(row.strategy, names: names, on: server)
    }

    /// Brings the roles to where the row begins.
    private func prepare(
        _ row: AWSStepTable.Row,
        _ roles: PostgresRoles,
        _ candidate: Credential
    ) async throws {
        let current = PostgresRoles.quoted(roles.accounts[0])
        switch row.given {
        case .currentLogsIn, .strangeAccount, .oddName, .administratorRefused, .rolePresent,
            .notOurs:
            break
        case .pendingLogsIn, .pendingTested, .wrongSecretTested:
            try await roles.target.install(candidate, fence: roles.fence)
        case .previousLogsIn, .nobodyLogsIn:
            try await roles.server.psql("ALTER ROLE \(current) PASSWORD '\(TestPassword.make())'")
        case .noTLS:
            try await roles.server.psql("ALTER SYSTEM SET ssl = off")
            try await roles.server.psql("SELECT pg_reload_conf()")
            try await eventually("TLS is off") { try await roles.server.psql("SHOW ssl") == "off" }
        case .roleAbsent:
            let idle = PostgresRoles.quoted(roles.accounts[1])
            try await roles.server.psql("DROP OWNED BY \(idle); DROP ROLE \(idle)")
        case .grantsDiffer:
            try await roles.target.install(candidate, fence: roles.fence)
            try await roles.server.psql("GRANT pg_monitor TO \(current)")
        }
    }

    private func target(for row: AWSStepTable.Row, _ roles: PostgresRoles) -> PostgresTarget {
        guard row.given == .administratorRefused else { return roles.target }
        return roles.changed { $0.administrator.password = { Secret("wrong") } }
    }

    private func act(
        _ row: AWSStepTable.Row,
        on target: PostgresTarget,
        _ roles: PostgresRoles,
        _ candidate: Credential
    ) async throws {
        switch row.given {
        case .pendingTested, .grantsDiffer:
            try await target.prove(candidate, like: roles.current.account)
        case .wrongSecretTested:
            let wrong = Credential(account: candidate.account, secret: Secret("wrong"))
            try await target.prove(wrong, like: roles.current.account)
        case .pendingLogsIn, .currentLogsIn, .previousLogsIn, .nobodyLogsIn, .strangeAccount,
            .oddName, .noTLS, .administratorRefused, .roleAbsent, .rolePresent, .notOurs:
            try await target.install(candidate, fence: roles.fence)
        }
    }

    private func passwords(of roles: PostgresRoles) async throws -> [String] {
        var found: [String] = []
        for account in roles.accounts { found.append(try await roles.verifier(of: account)) }
        return found
    }
}
