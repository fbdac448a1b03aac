import Logging
import RekeyCore
import RekeyPorts

/// The vaults that do not answer in this round of the sweeper.
///
/// Each call of theirs takes as long as a call may. The rest of what they hold is left to the next
/// round, so that it keeps no other secret, and nothing that waits to be woken, from its turn.
struct SilentVaults {
    /// For how long a vault is waited for in one round, in seconds, with no answer meanwhile.
    static let patienceSeconds: Double = 60

    private var waited: [VaultName: Double] = [:]
    private var leftOut: [VaultName: Int] = [:]

    /// Whether a vault of this credential is silent; then it counts as left out.
    mutating func leavesOut(_ definition: CredentialDefinition) -> Bool {
        let silent = Self.vaults(of: definition)
            .first { waited[$0, default: 0] >= Self.patienceSeconds }
        guard let silent else { return false }
        leftOut[silent, default: 0] += 1
        return true
    }

    mutating func answered(_ definition: CredentialDefinition) {
        for vault in Self.vaults(of: definition) { waited[vault] = nil }
    }

    /// Notes for how many seconds a credential's vaults were asked in vain.
    ///
    /// Which of several failed is not told: then none is blamed.
    mutating func failed(_ definition: CredentialDefinition, after seconds: Double) {
        let vaults = Self.vaults(of: definition)
        guard vaults.count == 1, let vault = vaults.first else { return }
        waited[vault, default: 0] += seconds
    }

    func tell(_ logger: Logger) {
        for (vault, count) in leftOut.sorted(by: { $0.key.text < $1.key.text }) {
            logger.warning(
                "a vault does not answer: the rest of its secrets is left to the next sweep",
                metadata: ["vault": "\(vault)", "count": "\(count)"]
            )
        }
    }

    private static func vaults(of definition: CredentialDefinition) -> Set<VaultName> {
        Set(definition.carriers.map(\.reference.vault))
    }
}
