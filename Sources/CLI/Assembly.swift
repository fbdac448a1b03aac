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
import RekeyWorker

/// Puts the program together: the one place that knows which adapter was chosen.
///
/// Each part is built when it is asked for, and nothing is connected to yet. So who only reads the
/// journal needs neither Azure's identity nor the signing key.
struct Assembly: Sendable {
    let settings: Settings
    let sites: SiteAccess
    private let shelf: PartShelf

    init(_ settings: Settings) {
        self.settings = settings
        sites = SiteAccess(settings)
        shelf = PartShelf(settings)
    }

    var secrets: SecretResolver { shelf.secrets }

    /// The Azure cloud, where the configuration has one.
    func azure() throws -> AzureAccess? { try shelf.azure() }

    /// What is looked at: vaults, targets and workloads, but no hook, which may need a key.
    func makeReaders() throws -> Adapters {
        let azure = try self.azure()
        var adapters = Adapters()
        adapters.vaults = try shelf.vaults()
        for (name, target) in settings.targets {
            adapters.targets[name] = try Self.target(target, name, azure, secrets)
        }
        for (name, workload) in settings.workloads {
            adapters.workloads[name] = try Self.workload(workload, secrets)
        }
        return adapters
    }

    /// Every adapter, for who acts.
    func makeAdapters() throws -> Adapters {
        let azure = try self.azure()
        var adapters = try makeReaders()
        for (name, hook) in settings.hooks {
            adapters.hooks[name] = try Self.hook(hook, settings, azure, sites)
        }
        return adapters
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

    /// What is declared for good.
    var topology: Topology {
        SagaBus.topology(hookKinds: hookKinds, sites: settings.sites.keys.sorted())
    }

    /// What a worker declares: beside the former what is this process's own.
    var workerTopology: Topology {
        SagaBus.topology(
            hookKinds: hookKinds,
            sites: settings.sites.keys.sorted(),
            answers: sites.answersQueue
        )
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
            brokerUser: settings.broker.user,
            access: AccessPolicy(settings.permissions, gateway: settings.gatewayUser)
        )
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
            own.proving.span = .seconds(application.settleSeconds)
            own.proving.limit += own.proving.span
            own.settling.interval = .seconds(application.settleSeconds / readsToSettle)
            own.proofResource = application.proofResource
            own.expectedName = application.displayName
            own.expectedOwners = application.owners
            return try EntraApplicationTarget(own, http: azure.http, tokens: azure.tokens)
        }
    }
}
