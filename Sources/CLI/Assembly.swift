import AzureKeyVault
import EntraApplicationTarget
import Foundation
import Logging
import PostgresTarget
import RabbitMQBroker
import RekeyAzure
import RekeyConfiguration
import RekeyCore
import RekeyPlatform
import RekeyPorts
import RekeyPostgres
import RekeyWorker
import Synchronization

/// Puts the program together: the one place that knows which adapter was chosen.
struct Assembly: Sendable {
    let settings: Settings
    let adapters: Adapters
    let secrets: SecretResolver
    let azure: AzureAccess?
    let sites: SiteAccess

    /// Builds every adapter of `settings`.
    ///
    /// Nothing is connected to yet.
    init(_ settings: Settings) throws {
        self.settings = settings
        let vaults = VaultShelf()
        let secrets = SecretResolver { vaults[$0] }
        let azure = try settings.azure.map { try AzureAccess($0, secrets: secrets) }
        var adapters = Adapters()
        for (name, vault) in settings.vaults {
            adapters.vaults[name] = try Self.vault(vault, azure, settings.worker)
        }
        vaults.fill(adapters.vaults)
        for (name, target) in settings.targets {
            adapters.targets[name] = try Self.target(target, name, azure, secrets)
        }
        for (name, workload) in settings.workloads {
            adapters.workloads[name] = try Self.workload(workload, secrets)
        }
        let sites = SiteAccess(settings)
        for (name, hook) in settings.hooks {
            adapters.hooks[name] = try Self.hook(hook, settings, azure, sites)
        }
        self.adapters = adapters
        self.secrets = secrets
        self.azure = azure
        self.sites = sites
    }

    /// The credentials, and the hosts by which events name their vaults.
    var estate: Estate {
        var hosts: [String: VaultName] = [:]
        for (name, vault) in settings.vaults {
            guard let url = URL(string: vault.url), let host = url.host else { continue }
            let port = url.port.map { $0 == 443 ? "" : ":\($0)" } ?? ""
            hosts[host.lowercased() + port] = name
        }
        return Estate(definitions: settings.definitions, vaultHosts: hosts)
    }

    var hookKinds: [String] {
        Set(settings.hooks.values.map(\.kind.name)).sorted()
    }

    var topology: Topology {
        SagaBus.topology(hookKinds: hookKinds, sites: settings.sites.keys.sorted())
    }

    func workerSettings(holder: String) -> RekeyWorker.WorkerSettings {
        RekeyWorker.WorkerSettings(
            installation: settings.installation,
            holder: holder,
            turnsAtOnce: settings.worker.rotationsInFlight,
            claimSeconds: settings.worker.claimSeconds,
            sweepSeconds: settings.worker.sweepSeconds,
            rememberSeconds: settings.worker.rememberSeconds,
            releasedPerSweep: settings.worker.adoptionsPerSweep,
            replayUsers: [settings.broker.user],
            access: AccessPolicy(settings.permissions, gateway: settings.gatewayUser)
        )
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

    /// How often Graph is asked, at the least, before an absence is believed.
    private static let readsToSettle = 20.0

    private static func target(
        _ target: TargetSettings,
        _ name: TargetName,
        _ azure: AzureAccess?,
        _ secrets: SecretResolver
    ) throws -> any Target {
        switch target {
        case .postgres(let postgres):
            return PostgresTarget(PostgresAdapterSettings(postgres, name, secrets))
        case .entraApplication(let application):
            guard let azure else {
                throw Problem("target \(name) needs the section azure", code: Problem.configuration)
            }
            var own = EntraAdapterSettings(
                name: name,
                tenantID: application.tenantID,
                applicationID: application.applicationID,
                objectID: application.objectID,
                environment: azure.environment
            )
            own.proving.successes = application.proveCount
            own.settling.absenceWindow = .seconds(application.settleSeconds)
            own.settling.interval = .seconds(application.settleSeconds / readsToSettle)
            own.proofResource = application.proofResource
            own.expectedName = application.displayName
            own.expectedOwners = application.owners
            return try EntraApplicationTarget(own, http: azure.http, tokens: azure.tokens)
        }
    }
}

/// The vaults by name, known only once they are built.
private final class VaultShelf: Sendable {
    private let vaults = Mutex<[VaultName: any Vault]>([:])

    subscript(name: VaultName) -> (any Vault)? { vaults.withLock { $0[name] } }

    func fill(_ built: [VaultName: any Vault]) { vaults.withLock { $0 = built } }
}

extension PostgresAdapterSettings {
    fileprivate init(
        _ settings: RekeyConfiguration.PostgresTargetSettings,
        _ name: TargetName,
        _ secrets: SecretResolver
    ) {
        let tls: PostgresSettings.TLS =
            switch settings.tlsMode {
            case .off: .disabled
            case .verifyFull:
                settings.authorities.map { .verified(rootCertificatePath: $0) } ?? .systemRoots
            }
        self.init(
            name: name,
            host: settings.host,
            port: settings.port,
            database: settings.database,
            tls: tls,
            administrator: Administrator(
                role: settings.administrator,
                password: secrets.source(settings.administratorPassword)
            ),
            strategy: settings.accounts.count == 2 ? .alternate : .replace,
            accounts: settings.accounts,
            ownerRole: settings.owner,
            verifier: settings.passwordForm == .scram ? .scram : .plaintext
        )
    }
}
