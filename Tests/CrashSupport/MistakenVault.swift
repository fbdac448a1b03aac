package import RekeyCore
package import RekeyPorts

/// A vault with a planted mistake: it says that a version was written, and names the one before.
package struct MistakenVault: Vault {
    private let base: any Vault

    package init(_ base: any Vault) { self.base = base }

    package func latest(_ secret: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await base.latest(secret)
    }

    package func version(
        _ id: VersionID,
        of secret: SecretName
    ) async throws(StepFailure) -> VaultVersion? {
        try await base.version(id, of: secret)
    }

    package func write(
        _ entry: VaultEntry,
        as secret: SecretName
    ) async throws(StepFailure) -> VersionID {
        if let latest = try await base.latest(secret) { return latest.id }
        return try await base.write(entry, as: secret)
    }

    package func disable(_ id: VersionID, of secret: SecretName) async throws(StepFailure) {
        try await base.disable(id, of: secret)
    }

    package func preflight(_ secret: SecretName) async throws(StepFailure) -> [Finding] {
        try await base.preflight(secret)
    }
}
