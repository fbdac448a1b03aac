import RekeyCore
import RekeyPorts

/// A vault that tells of each call before it is made.
struct WatchedVault: Vault {
    let base: any Vault
    let watch: @Sendable (_ call: String, SecretName) async -> Void

    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        await watch("latest", name)
        return try await base.latest(name)
    }

    func version(
        _ id: VersionID,
        of name: SecretName
    ) async throws(StepFailure) -> VaultVersion? {
        await watch("version", name)
        return try await base.version(id, of: name)
    }

    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID {
        await watch("write", name)
        return try await base.write(entry, as: name)
    }

    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        await watch("disable", name)
        try await base.disable(id, of: name)
    }

    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        await watch("preflight", name)
        return try await base.preflight(name)
    }
}
