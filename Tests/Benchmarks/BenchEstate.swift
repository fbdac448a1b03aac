import Foundation
import InMemoryTarget
import InMemoryVault
import RekeyCore
import RekeyPorts
import RekeyWorker

/// Credentials whose outside systems answer at once, so that a step's cost is Rekey's own.
struct BenchEstate: Sendable {
    let estate: Estate
    let adapters: Adapters
    let credentials: [CredentialID]

    /// Makes credentials that alternate between two users, each on a target of its own.
    static func make(count: Int) async -> BenchEstate {
        let vault = InMemoryVault(name: app)
        let stagingVault = InMemoryVault(name: staging)
        var targets: [TargetName: any Target] = [:]
        var definitions: [CredentialDefinition] = []
        for number in 1...count {
            let user = "user\(number)"
            let target = TargetName("target\(number)")
            let old = Secret(copying: "old-value-\(number)".utf8)
            targets[target] = InMemoryTarget(
                strategy: .alternate,
                accounts: [AccountID("\(user)_a"), AccountID("\(user)_b")],
                accepting: [Credential(account: AccountID("\(user)_a"), secret: old)]
            )
            let carrier = SecretReference(vault: app, name: SecretName("secret\(number)"))
            let document = "postgres://\(user)_a:old-value-\(number)@db/orders"
            await vault.place(
                VaultEntry(value: Secret(copying: document.utf8), expires: Date() + 86_400),
                as: carrier.name
            )
            definitions.append(
                CredentialDefinition(
                    id: CredentialID("credential\(number)"),
                    strategy: .alternate,
                    target: target,
                    staging: SecretReference(vault: staging, name: SecretName("staged\(number)")),
                    carriers: [PlannedCarrier(carrier, format: .url)],
                    policy: RotationPolicy(graceSeconds: 0)
                )
            )
        }
        return BenchEstate(
            estate: Estate(definitions: definitions, vaultHosts: ["app.vault.test": app]),
            adapters: Adapters(vaults: [app: vault, staging: stagingVault], targets: targets),
            credentials: definitions.map(\.id)
        )
    }

    private static let app = VaultName("app")
    private static let staging = VaultName("staging")
}
