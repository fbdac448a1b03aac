import AzureKeyVault
import RekeyAzure
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import Synchronization

/// What others are built of, made when it is first asked for, and kept.
///
/// A secret of Rekey's own may be in a vault, and a vault needs Azure's identity: each asks here
/// for the other only once it is needed.
final class PartShelf: Sendable {
    private struct Built {
        var azure: AzureAccess?
        var vaults: [VaultName: any Vault]?
    }

    private let settings: Settings
    private let built = Mutex(Built())

    init(_ settings: Settings) { self.settings = settings }

    var secrets: SecretResolver {
        SecretResolver { (name) throws(StepFailure) in try self.vault(name) }
    }

    func azure() throws -> AzureAccess? {
        if let azure = built.withLock({ $0.azure }) { return azure }
        guard let own = settings.azure else { return nil }
        let azure = try AzureAccess(own, secrets: secrets)
        // Of two that were made at once all use the first, and its tokens.
        return built.withLock { built in
            built.azure = built.azure ?? azure
            return built.azure
        }
    }

    func vaults() throws -> [VaultName: any Vault] {
        if let vaults = built.withLock({ $0.vaults }) { return vaults }
        let azure = try self.azure()
        let vaults = try settings.vaults.mapValues {
            try Self.vault($0, azure, settings.worker)
        }
        return built.withLock { built in
            let first = built.vaults ?? vaults
            built.vaults = first
            return first
        }
    }

    private func vault(_ name: VaultName) throws(StepFailure) -> (any Vault)? {
        do {
            return try self.vaults()[name]
        } catch let failure as StepFailure {
            throw failure
        } catch {
            let lines = Problem(describing: error).lines.joined(separator: "; ")
            throw StepFailure(.permanent, lines)
        }
    }

    private static func vault(
        _ vault: VaultSettings,
        _ azure: AzureAccess?,
        _ limits: RekeyConfiguration.WorkerSettings
    ) throws -> any Vault {
        guard let azure else {
            let why = "vault \(vault.name) needs the section azure"
            throw Problem(why, code: Problem.configuration)
        }
        var own = AzureKeyVaultSettings(
            name: vault.name,
            url: vault.url,
            environment: azure.environment
        )
        own.verifiesChallengeResource = azure.hasOwnAuthority
        own.writes.requests = limits.vaultWritesPerTenSeconds
        return try AzureKeyVault(own, http: azure.http, tokens: azure.tokens)
    }
}
