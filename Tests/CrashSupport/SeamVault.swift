package import RekeyCore
package import RekeyPorts

/// A vault behind a seam.
package struct SeamVault: Vault {
    private let base: any Vault
    private let seam: Seam
    private let name: String

    /// `name` distinguishes vaults in the names of points, as in `vault.app.write`.
    package init(_ base: any Vault, _ seam: Seam, name: String) {
        self.base = base
        self.seam = seam
        self.name = "vault.\(name)"
    }

    package func latest(_ secret: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await seam.pass("\(name).latest", failing: \.self) { () async throws(StepFailure) in
            try await base.latest(secret)
        }
    }

    package func version(
        _ id: VersionID,
        of secret: SecretName
    ) async throws(StepFailure) -> VaultVersion? {
        try await seam.pass("\(name).version", failing: \.self) { () async throws(StepFailure) in
            try await base.version(id, of: secret)
        }
    }

    package func write(
        _ entry: VaultEntry,
        as secret: SecretName
    ) async throws(StepFailure) -> VersionID {
        try await seam.pass("\(name).write", failing: \.self) { () async throws(StepFailure) in
            try await base.write(entry, as: secret)
        }
    }

    package func disable(_ id: VersionID, of secret: SecretName) async throws(StepFailure) {
        try await seam.pass("\(name).disable", failing: \.self) { () async throws(StepFailure) in
            try await base.disable(id, of: secret)
        }
    }

    package func preflight(_ secret: SecretName) async throws(StepFailure) -> [Finding] {
        try await seam.pass("\(name).preflight", failing: \.self) { () async throws(StepFailure) in
            try await base.preflight(secret)
        }
    }
}

extension SeamVault: RetaggingVault {
    package func retag(
        _ id: VersionID,
        of secret: SecretName,
        with tags: [String: String]
    ) async throws(StepFailure) {
        guard let vault = base as? any RetaggingVault else {
            throw StepFailure(.permanent, "seam: the vault cannot do this")
        }
        try await seam.pass("\(name).retag", failing: \.self) { () async throws(StepFailure) in
            try await vault.retag(id, of: secret, with: tags)
        }
    }
}
