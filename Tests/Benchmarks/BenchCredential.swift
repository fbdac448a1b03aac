import Foundation
import RekeyCore
import RekeyPorts

/// One credential of a measurement, as it is before its first rotation.
///
/// It alternates between two users on a target of its own.
struct BenchCredential: Sendable {
    static let vault = VaultName("app")
    static let stagingVault = VaultName("staging")

    let number: Int

    var id: CredentialID { CredentialID("credential\(number)") }
    var target: TargetName { TargetName("target\(number)") }
    var carrier: SecretName { SecretName("secret\(number)") }
    var staged: SecretName { SecretName("staged\(number)") }
    var accounts: [AccountID] { ["a", "b"].map { AccountID("user\(number)_\($0)") } }

    /// What the target accepts.
    var current: Credential {
        Credential(account: accounts[0], secret: Secret(copying: value.utf8))
    }

    /// What the carrier holds.
    var document: VaultEntry { document(endingIn: 365 * 86_400) }

    func document(endingIn seconds: Double) -> VaultEntry {
        let text = "postgres://\(accounts[0]):\(value)@db/orders"
        return VaultEntry(value: Secret(copying: text.utf8), expires: Date() + seconds)
    }

    var definition: CredentialDefinition {
        CredentialDefinition(
            id: id,
            strategy: .alternate,
            target: target,
            staging: SecretReference(vault: Self.stagingVault, name: staged),
            carriers: [
                PlannedCarrier(SecretReference(vault: Self.vault, name: carrier), format: .url)
            ],
            policy: RotationPolicy(graceSeconds: 0)
        )
    }

    private var value: String { "old-value-\(number)" }
}
