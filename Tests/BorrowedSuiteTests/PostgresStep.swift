import PostgresParts
import PostgresTarget
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// One of AWS's steps at a real PostgreSQL: its *set* is our *apply*, its *test* our *prove*.
enum PostgresStep {
    enum Outcome: Sendable, Equatable {
        /// It succeeded, and the stored passwords are what they were.
        case unchanged
        /// It succeeded, and a password changed.
        case changed
        /// It was refused, and nothing changed.
        case refused
    }

    /// What AWS's row begins with.
    enum Given: Sendable {
        case pendingLogsIn, currentLogsIn, previousLogsIn, nobodyLogsIn
        case strangeAccount, oddName, longName, noTLS, administratorRefused
        case roleAbsent, rolePresent, grantsDiffer, wrongSecretTested, pendingTested
    }

    /// A check of what comes of a step.
    static func check(
        _ strategy: Strategy,
        _ given: Given,
        _ expected: Outcome
    ) -> @Sendable () async throws -> Void {
        {
            let roles = try await roles(strategy, given)
            let candidate = Credential(
                account: given == .strangeAccount ? "postgres" : roles.candidate.account,
                secret: Secret(TestPassword.make())
            )
            try await prepare(given, roles, candidate)
            let before = try await passwords(of: roles)
            let target = target(for: given, roles)
            let outcome: Outcome
            do {
                try await act(given, on: target, roles, candidate)
                outcome = try await passwords(of: roles) == before ? .unchanged : .changed
            } catch is StepFailure {
                outcome = .refused
                #expect(try await passwords(of: roles) == before)
            }
            #expect(outcome == expected)
            if outcome == .changed { #expect(try await target.accepts(candidate)) }
        }
    }

    private static func roles(_ strategy: Strategy, _ given: Given) async throws -> PostgresRoles {
        let server = given == .noTLS ? try await PrivatePostgres.start() : nil
        return try await PostgresRoles.make(strategy, names: names(given), on: server)
    }

    private static func names(_ given: Given) -> [String] {
        switch given {
        case .oddName: ["o'dd \"name\"", "other"]
        // PostgreSQL cuts a name after 63 bytes, and the number is behind that.
        case .longName: ["app_a", String(repeating: "b", count: 64)]
        default: ["app_a", "app_b"]
        }
    }

    /// Brings the roles to where the row begins.
    private static func prepare(
        _ given: Given,
        _ roles: PostgresRoles,
        _ candidate: Credential
    ) async throws {
        let current = PostgresRoles.quoted(roles.accounts[0])
        switch given {
        case .currentLogsIn, .strangeAccount, .oddName, .longName, .administratorRefused,
            .rolePresent:
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

    private static func target(for given: Given, _ roles: PostgresRoles) -> PostgresTarget {
        guard given == .administratorRefused else { return roles.target }
        return roles.changed { $0.administrator.password = { Secret("wrong") } }
    }

    private static func act(
        _ given: Given,
        on target: PostgresTarget,
        _ roles: PostgresRoles,
        _ candidate: Credential
    ) async throws {
        switch given {
        case .pendingTested, .grantsDiffer:
            try await target.prove(candidate, like: roles.current.account)
        case .wrongSecretTested:
            let wrong = Credential(account: candidate.account, secret: Secret("wrong"))
            try await target.prove(wrong, like: roles.current.account)
        case .pendingLogsIn, .currentLogsIn, .previousLogsIn, .nobodyLogsIn, .strangeAccount,
            .oddName, .longName, .noTLS, .administratorRefused, .roleAbsent, .rolePresent:
            try await target.install(candidate, fence: roles.fence)
        }
    }

    private static func passwords(of roles: PostgresRoles) async throws -> [String] {
        var found: [String] = []
        for account in roles.accounts { found.append(try await roles.verifier(of: account)) }
        return found
    }
}
