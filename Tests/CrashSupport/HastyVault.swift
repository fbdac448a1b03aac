package import RekeyCore
package import RekeyPorts

/// A vault with a planted mistake: of several values that a verifier is to accept it writes the
/// first alone.
package struct HastyVault: Vault {
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
        let first = entry.value.reveal { span in
            let bytes = unsafe span.withUnsafeBytes { unsafe Array($0) }
            return bytes.prefix { $0 != UInt8(ascii: ",") }
        }
        let hasty = VaultEntry(
            value: Secret(copying: first),
            expires: entry.expires,
            contentType: entry.contentType,
            tags: entry.tags
        )
        return try await base.write(hasty, as: secret)
    }

    package func disable(_ id: VersionID, of secret: SecretName) async throws(StepFailure) {
        try await base.disable(id, of: secret)
    }

    package func preflight(_ secret: SecretName) async throws(StepFailure) -> [Finding] {
        try await base.preflight(secret)
    }
}
