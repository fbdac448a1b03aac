import RekeyCore
import RekeyPorts
import RekeyPostgres

extension PostgresTarget {
    /// Every change of a credential's roles is made under this lock, whoever makes it.
    ///
    /// PostgreSQL's advisory locks belong to a database: installations that share a role have to
    /// name the same one.
    private static let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"

    /// The account's role, or the only one where none is named.
    func role(of account: AccountID?) throws(StepFailure) -> String {
        if let account {
            guard settings.accounts.contains(account) else {
                throw StepFailure(.permanent, "account \(account): not one of \(settings.name)")
            }
            return account.text
        }
        guard settings.strategy == .replace, let only = settings.accounts.first else {
            throw StepFailure(.permanent, "target \(settings.name): no account named")
        }
        return only.text
    }

    func requireAll(_ states: [RoleState]) throws(StepFailure) {
        let missing = settings.accounts.filter { account in
            !states.contains { $0.role == account.text }
        }
        guard missing.isEmpty else {
            let names = missing.map(\.text).joined(separator: ", ")
            throw StepFailure(.permanent, "role \(names): does not exist")
        }
    }

    /// Signs in on a connection of its own.
    func signIn(
        as role: String,
        with secret: Secret,
        to database: String
    ) async throws(PostgresFailure) -> PostgresConnection {
        try await PostgresConnection.open(
            PostgresSettings(
                host: settings.host,
                port: settings.port,
                database: database,
                user: role,
                password: secret,
                tls: settings.tls,
                limits: settings.limits
            )
        )
    }

    func administrator() async throws(StepFailure) -> PostgresConnection {
        let password = try await settings.administrator.password()
        let role = settings.administrator.role
        do throws(PostgresFailure) {
            return try await signIn(as: role, with: password, to: settings.database)
        } catch {
            let failure = StepFailure(error, onlyReads: true)
            throw StepFailure(failure.kind, "administrator \(role): \(failure.reason)")
        }
    }

    /// Reads as the administrator.
    func look<Result: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws(PostgresFailure) -> Result
    ) async throws(StepFailure) -> Result {
        let connection = try await administrator()
        do throws(PostgresFailure) {
            let result = try await connection.perform(body)
            await connection.close()
            return result
        } catch {
            throw StepFailure(error, onlyReads: true)
        }
    }

    /// Changes roles as the administrator, in one transaction, where `fence` allows it.
    ///
    /// `body` gets the states of all accounts, read under the lock; a failure that it returns (not
    /// throws) is one of ours, and is returned before anything was changed.
    func change(
        _ fence: Fence,
        refusals: Set<String> = [],
        _ body:
            @Sendable ([RoleState], isolated PostgresConnection) throws(PostgresFailure)
            -> StepFailure?
    ) async throws(StepFailure) {
        let settings = settings
        let name = "rekey " + settings.accounts.map(\.text).sorted().joined(separator: ",")
        let connection = try await administrator()
        let objection: StepFailure?
        do throws(PostgresFailure) {
            objection = try await connection.transaction { (own) throws(PostgresFailure) in
                try own.query(Self.lock, [.text(name)])
                let states = try RoleState.read(settings.accounts, on: own)
                if let objection = self.objection(to: fence, states) { return objection }
                return try body(states, own)
            }
        } catch {
            throw StepFailure(error, refusals: refusals)
        }
        await connection.close()
        if let objection { throw objection }
    }

    private func objection(to fence: Fence, _ states: [RoleState]) -> StepFailure? {
        do throws(StepFailure) {
            try requireAll(states)
            for state in states {
                let marker = try RoleMarker(in: state.comment)
                if let objection = marker?.objection(to: fence, role: state.role) {
                    return objection
                }
            }
            return nil
        } catch {
            return error
        }
    }
}

extension RoleMarker {
    /// Writes the marker into the role's comment, unless the administrator has no right to.
    ///
    /// Then the fence is the journal's only, which `preflight` says.
    static func leave(
        _ fence: Fence,
        on state: RoleState,
        _ connection: isolated PostgresConnection
    ) throws(PostgresFailure) {
        let comment = RoleMarker(fence).placed(in: state.comment)
        let mayNot = { (failure: PostgresFailure) in failure.sqlState == "42501" }
        _ = try connection.attempt(unless: mayNot) { (own) throws(PostgresFailure) in
            try own.execute("COMMENT ON ROLE \(identifier: state.role) IS \(literal: comment)")
        }
    }
}
