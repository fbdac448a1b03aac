package import RekeyCore
package import RekeyPorts
import RekeyPostgres

/// One or two roles of a PostgreSQL server as the account of one credential.
///
/// With `replace` the role's password changes in place. With `alternate` two roles take turns:
/// the idle one gets `LOGIN` and the new password, and *retire* takes both from the old one.
package struct PostgresTarget: Target {
    package let settings: PostgresTargetSettings

    package init(_ settings: PostgresTargetSettings) { self.settings = settings }

    package func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        let accounts = settings.accounts
        let states = try await look { (own) throws(PostgresFailure) in
            try RoleState.read(accounts, on: own)
        }
        try requireAll(states)
        let accepted = states.filter(\.canLogIn).map { state in
            TargetState.Accepted(AccountID(state.role), expires: state.validUntil)
        }
        let account = settings.strategy == .replace ? accounts.first : current?.account
        let known = account.flatMap { accounts.contains($0) ? $0 : nil }
        return TargetState(accepted: accepted, current: known, next: next(after: known))
    }

    package func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        let role = try role(of: credential.account)
        do throws(PostgresFailure) {
            try await signIn(as: role, with: credential.secret, to: settings.database).close()
            return true
        } catch {
            guard error.phase == .connect else { throw StepFailure(error, onlyReads: true) }
            switch error.sqlState {
            case "28P01": return false
            case "28000" where try await !mayLogIn(role): return false
            default: throw StepFailure(error, onlyReads: true)
            }
        }
    }

    /// Takes login and password from the old role of two; the one role of `replace` stays.
    package func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        guard settings.strategy == .alternate else { return }
        let role = try role(of: account)
        try await change(fence) { (states, own) throws(PostgresFailure) in
            guard let state = states.first(where: { $0.role == role }) else { return nil }
            guard states.contains(where: { $0.role != role && $0.canLogIn }) else {
                return StepFailure(.permanent, "retire \(role): no other account may log in")
            }
            try own.execute("ALTER ROLE \(identifier: role) NOLOGIN PASSWORD NULL")
            try RoleMarker.leave(fence, on: state, own)
            return nil
        }
    }

    /// Samples `pg_stat_activity` for sessions of the old role.
    ///
    /// With `replace` old and new are the same role, and nobody can tell.
    package func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        guard settings.strategy == .alternate else { return .unobservable }
        let role = try role(of: account)
        let sampling = settings.silenceSampling
        for sample in 0..<max(1, sampling.count) {
            if sample > 0 { try await pause(sampling.intervalSeconds) }
            let sessions = try await look { (own) throws(PostgresFailure) in
                try own.query(
                    "SELECT 1 FROM pg_catalog.pg_stat_activity WHERE usename = $1 LIMIT 1",
                    [.text(role)]
                )
            }
            if !sessions.isEmpty { return .inUse }
        }
        return .unused
    }

    private func next(after current: AccountID?) -> AccountID? {
        switch settings.strategy {
        case .replace: settings.accounts.first
        case .alternate: current.flatMap { current in settings.accounts.first { $0 != current } }
        case .dualKey, .addThenRemove, .valueOnly: nil
        }
    }

    /// Whether the role may sign in at all, password aside.
    private func mayLogIn(_ role: String) async throws(StepFailure) -> Bool {
        let states = try await look { (own) throws(PostgresFailure) in
            try RoleState.read([AccountID(role)], on: own)
        }
        return states.first?.canLogIn ?? false
    }

    private func pause(_ seconds: Double) async throws(StepFailure) {
        do {
            try await Task.sleep(for: .seconds(seconds))
        } catch {
            throw StepFailure(.transient, "silence: cancelled")
        }
    }
}
