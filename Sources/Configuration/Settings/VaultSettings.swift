package import RekeyCore

/// An Azure Key Vault.
package struct VaultSettings: Equatable, Sendable {
    package var name: VaultName
    package var url: String
    package var environment: String?
    /// Whether apps that load every enabled secret are known to be absent, so that candidates
    /// may be staged beside the carriers.
    package var allowsStaging: Bool
}
