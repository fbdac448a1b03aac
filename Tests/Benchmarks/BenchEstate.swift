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

    /// Makes credentials on vaults and targets in memory; `dress` may put something before a
    /// target.
    static func make(
        count: Int,
        dress: (BenchCredential, InMemoryTarget) -> any Target = { $1 }
    ) async -> BenchEstate {
        let vault = InMemoryVault(name: BenchCredential.vault)
        let staging = InMemoryVault(name: BenchCredential.stagingVault)
        let credentials = (1...count).map { BenchCredential(number: $0) }
        var targets: [TargetName: any Target] = [:]
        for credential in credentials {
            let target = InMemoryTarget(
                strategy: .alternate,
                accounts: credential.accounts,
                accepting: [credential.current]
            )
            targets[credential.target] = dress(credential, target)
            await vault.place(credential.document, as: credential.carrier)
        }
        return BenchEstate(
            credentials,
            vaults: [vault.name: vault, staging.name: staging],
            targets: targets
        )
    }

    /// Takes outside systems that are there already.
    init(
        _ credentials: [BenchCredential],
        vaults: [VaultName: any Vault],
        targets: [TargetName: any Target],
        graceSeconds: Double = 0
    ) {
        estate = Estate(
            definitions: credentials.map { credential in
                var definition = credential.definition
                definition.policy.graceSeconds = graceSeconds
                return definition
            },
            vaultHosts: ["app.vault.test": BenchCredential.vault]
        )
        adapters = Adapters(vaults: vaults, targets: targets)
        self.credentials = credentials.map(\.id)
    }
}
