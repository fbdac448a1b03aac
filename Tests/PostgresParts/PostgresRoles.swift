package import PostgresTarget
package import RealParts
package import RekeyCore
package import RekeyPorts
package import RekeyPostgres
import Synchronization

/// Roles of one test on a private PostgreSQL: an administrator, one or two accounts, an owner.
///
/// They are made by the SQL that `rekey init --sql` prints, and the first account gets a password.
package struct PostgresRoles: Sendable {
    package let server: PrivatePostgres
    package let target: PostgresTarget
    package let current: Credential
    package let fence: Fence

    private static let count = Mutex(0)

    /// Long, since a busy machine is no failure; a test of limits sets its own.
    private static let patience = PostgresLimits(
        connectSeconds: 20,
        statementSeconds: 20,
        lockSeconds: 20,
        callSeconds: 30
    )

    /// Makes them on `given`, or on the server that all tests share, with settings as changed.
    ///
    /// A number behind the accounts' names makes them unique.
    package static func make(
        _ strategy: Strategy = .alternate,
        names: [String] = ["app_a", "app_b"],
        on given: PrivatePostgres? = nil,
        change: (inout PostgresTargetSettings) -> Void = { _ in }
    ) async throws -> PostgresRoles {
        let server: PrivatePostgres
        if let given { server = given } else { server = try await .shared() }
        let number = count.withLock { count in
            count += 1
            return count
        }
        let administrator = "rotator_\(number)"
        let password = TestPassword.make()
        let accounts = names.prefix(strategy == .replace ? 1 : 2)
            .map { AccountID("\($0)_\(number)") }
        let initial = TestPassword.make()
        var settings = PostgresTargetSettings(
            name: "db",
            host: server.tlsHost,
            port: server.port,
            database: "postgres",
            tls: .verified(rootCertificatePath: server.caPath),
            administrator: .init(role: administrator) { Secret(copying: password.utf8) },
            strategy: strategy,
            accounts: accounts,
            ownerRole: strategy == .alternate ? "app_owner_\(number)" : nil,
            silenceSampling: .init(intervalSeconds: 0.05, count: 2),
            limits: patience
        )
        change(&settings)
        let target = PostgresTarget(settings)
        try await server.psql(
            "CREATE ROLE \"\(administrator)\" LOGIN PASSWORD '\(password)';\n"
                + target.initialiseSQL()
                + "ALTER ROLE \(quoted(accounts[0])) LOGIN PASSWORD '\(initial)';"
        )
        return PostgresRoles(
            server: server,
            target: target,
            current: Credential(account: accounts[0], secret: Secret(copying: initial.utf8)),
            fence: Fence(
                installation: "tests",
                credential: CredentialID("db \(number)%"),
                sequence: 5,
                epoch: 10
            )
        )
    }

    package var accounts: [AccountID] { target.settings.accounts }

    /// A new value for the account that is to take it.
    package var candidate: Credential {
        let account = target.settings.strategy == .replace ? accounts[0] : accounts[1]
        return Credential(account: account, secret: Secret(copying: TestPassword.make().utf8))
    }

    /// The same roles, with something else in the settings.
    package func changed(_ change: (inout PostgresTargetSettings) -> Void) -> PostgresTarget {
        var settings = target.settings
        change(&settings)
        return PostgresTarget(settings)
    }

    package func fence(sequence: Int = 0, epoch: Int64 = 0) -> Fence {
        Fence(
            installation: fence.installation,
            credential: fence.credential,
            sequence: fence.sequence + sequence,
            epoch: fence.epoch + epoch
        )
    }

    /// The stored verifier, which every `ALTER ROLE … PASSWORD` changes.
    package func verifier(of account: AccountID) async throws -> String {
        try await server.psql(
            "SELECT rolpassword FROM pg_authid WHERE rolname = \(literal(account))"
        )
    }

    package func comment(on account: AccountID) async throws -> String {
        try await server.psql(
            """
            SELECT shobj_description(oid, 'pg_authid') FROM pg_roles
            WHERE rolname = \(literal(account))
            """
        )
    }

    /// A session of `credential` that stays until it is closed.
    package func session(_ credential: Credential) async throws -> PostgresConnection {
        let settings = target.settings
        return try await PostgresConnection.open(
            PostgresSettings(
                host: settings.host,
                port: settings.port,
                database: settings.database,
                user: credential.account?.text ?? "",
                password: credential.secret,
                tls: settings.tls,
                limits: settings.limits
            )
        )
    }

    package static func quoted(_ account: AccountID) -> String {
        "\"" + account.text.replacing("\"", with: "\"\"") + "\""
    }

    private func literal(_ account: AccountID) -> String {
        "'" + account.text.replacing("'", with: "''") + "'"
    }
}
