package import RekeyCore
package import RekeyPorts
import RekeyPostgres

extension PostgresTarget: InstallingTarget {
    /// Sets the role's password, and gives it `LOGIN` where it has none; no other role changes.
    ///
    /// One transaction takes an advisory lock, compares the fence, alters and leaves its marker.
    package func install(_ credential: Credential, fence: Fence) async throws(StepFailure) {
        let role = try role(of: credential.account)
        let (verifier, secret) = (settings.verifier, credential.secret)
        if try await isInstalled(credential, by: fence) { return }
        let refusals = settings.refusals
        try await change(fence, refusals: refusals) { (states, own) throws(PostgresFailure) in
            guard let state = states.first(where: { $0.role == role }) else { return nil }
            let sent =
                switch verifier {
                case .scram: try own.scramVerifier(of: secret, role: role)
                case .plaintext: secret
                }
            if state.canLogIn {
                // Without `LOGIN`, since a role may change its own password and nothing else.
                try own.execute("ALTER ROLE \(identifier: role) PASSWORD \(secret: sent)")
            } else {
                try own.execute("ALTER ROLE \(identifier: role) LOGIN PASSWORD \(secret: sent)")
            }
            try RoleMarker.leave(fence, on: state, own)
            return nil
        }
    }

    /// Whether this rotation wrote the role last, and the value gets in.
    ///
    /// Then there is nothing to do: another `ALTER ROLE` would only bring a new salt. A role that
    /// another rotation wrote is not tried, so that a server that counts failures has none.
    private func isInstalled(
        _ credential: Credential,
        by fence: Fence
    ) async throws(StepFailure) -> Bool {
        let account = AccountID(try role(of: credential.account))
        let states = try await look { (own) throws(PostgresFailure) in
            try RoleState.read([account], on: own)
        }
        guard let state = states.first, state.canLogIn,
            let marker = try RoleMarker(in: state.comment), marker == RoleMarker(fence)
        else { return false }
        return try await accepts(credential)
    }
}
