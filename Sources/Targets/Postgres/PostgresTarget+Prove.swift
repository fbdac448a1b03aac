package import RekeyCore
import RekeyPostgres

extension PostgresTarget {
    /// Signs in to every database to prove, and compares who one is there and what one may do.
    ///
    /// Only the role's own session is used: what it cannot read about itself and the other account
    /// (catalogues that every role may read) does not exist.
    package func prove(
        _ credential: Credential,
        like account: AccountID?
    ) async throws(StepFailure) {
        let role = try role(of: credential.account)
        let other = try account.map { (account) throws(StepFailure) in try self.role(of: account) }
        for database in settings.databasesToProve {
            let session: (identity: [String?], differences: [String])
            do throws(PostgresFailure) {
                session = try await look(in: database, as: role, credential.secret, like: other)
            } catch {
                throw StepFailure(error, onlyReads: true)
            }
            try check(session.identity, of: role, in: database)
            guard let other, !session.differences.isEmpty else { continue }
            let named = RoleRights.summary(of: session.differences)
            throw StepFailure(
                .permanent,
                "role \(role) is not like \(other) in \(database): \(named)"
            )
        }
    }

    private func look(
        in database: String,
        as role: String,
        _ secret: Secret,
        like other: String?
    ) async throws(PostgresFailure) -> (identity: [String?], differences: [String]) {
        let connection = try await signIn(as: role, with: secret, to: database)
        let result = try await connection.perform { (own) throws(PostgresFailure) in
            let identity = try own.query("SELECT session_user, current_user").first ?? []
            guard let other, other != role else {
                return (identity: identity, differences: [String]())
            }
            let differences = try RoleRights.differences(between: role, and: other, on: own)
            return (identity: identity, differences: differences)
        }
        await connection.close()
        return result
    }

    private func check(
        _ identity: [String?],
        of role: String,
        in database: String
    ) throws(StepFailure) {
        let names = identity.map { $0 ?? "nobody" }
        guard names.count == 2, names[0] == role else {
            let found = names.first ?? "nobody"
            throw StepFailure(.permanent, "sign-in as \(role): session_user is \(found)")
        }
        guard let owner = settings.ownerRole, names[1] != owner else { return }
        throw StepFailure(
            .permanent,
            "role \(role) acts as \(names[1]) in \(database), not as \(owner)"
        )
    }
}
