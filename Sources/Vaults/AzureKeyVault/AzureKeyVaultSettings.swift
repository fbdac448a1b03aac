package import RekeyAzure
package import RekeyCore
import RekeyPlatform

/// Where a vault is, and how it is talked to.
package struct AzureKeyVaultSettings: Sendable {
    package static let defaultAPIVersion = "7.4"

    package var name: VaultName
    /// The vault's address, such as `https://orders.vault.azure.net`.
    package var url: String
    package var environment: AzureEnvironment
    package var apiVersion = AzureKeyVaultSettings.defaultAPIVersion

    /// Whether the vault's host has to lie within the resource that its challenge names.
    ///
    /// That keeps a token for all vaults from a host that only claims to be one. A vault behind
    /// another name needs it off; the resource then has to be the environment's own. Microsoft's
    /// clients call it `verify_challenge_resource`.
    package var verifiesChallengeResource = true

    package var reads = RequestThrottle.Limit.vaultReads
    package var writes = RequestThrottle.Limit.vaultWrites
    package var timeout = HTTPRequest.defaultTimeout

    package init(name: VaultName, url: String, environment: AzureEnvironment = .publicCloud) {
        self.name = name
        self.url = url
        self.environment = environment
    }
}
