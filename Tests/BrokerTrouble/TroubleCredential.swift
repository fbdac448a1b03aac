import Foundation
import RekeyCore
import RekeyPorts

/// One credential of a world as it is before its first rotation: two users in turn.
///
/// It has vaults, a target and a workload of its own, so that each call is known to be for it.
struct TroubleCredential: Sendable {
    let number: Int

    var id: CredentialID { CredentialID("credential\(number)") }
    var target: TargetName { TargetName("target\(number)") }
    var vault: VaultName { VaultName("app\(number)") }
    var staging: VaultName { VaultName("staging\(number)") }
    var workload: WorkloadName { WorkloadName("shop\(number)") }
    var carrier: SecretName { "orders" }
    var staged: SecretName { "staged-orders" }
    var accounts: [AccountID] { ["a", "b"].map { AccountID("user\(number)_\($0)") } }
    static let format = ValueFormat.url

    /// What the target accepts at first.
    var current: Credential {
        Credential(account: accounts[0], secret: Secret(copying: value.utf8))
    }

    /// What the carrier holds at first.
    var document: VaultEntry {
        let text = "postgres://\(accounts[0]):\(value)@db/orders"
        return VaultEntry(value: Secret(copying: text.utf8), expires: Date() + 365 * 86_400)
    }

    var definition: CredentialDefinition {
        CredentialDefinition(
            id: id,
            strategy: .alternate,
            target: target,
            staging: SecretReference(vault: staging, name: staged),
            carriers: [
                PlannedCarrier(SecretReference(vault: vault, name: carrier), format: Self.format)
            ],
            workloads: [PlannedWorkload(workload)],
            policy: RotationPolicy(
                graceSeconds: 0,
                callAttempts: 20,
                // A call is held while the broker is in trouble.
                callDeadlineSeconds: 60,
                firstBackoffSeconds: 0.05,
                longestBackoffSeconds: 0.2
            )
        )
    }

    private var value: String { "old-value-\(number)" }
}
