import AzureKeyVault
import CrashSupport
import EntraApplicationTarget
import Foundation
import Logging
import PostgresJournal
import PostgresTarget
import RabbitMQBroker
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts
import RekeyPostgres
import RekeyWorker
import SQLiteJournal

/// The real parts of a worker, each behind the seam.
struct WorkerParts {
    let world: WorldFile
    let seam: Seam
    let notes: Trace

    /// The world's journal behind the seam.
    func journal() async throws -> any Journal {
        guard let database = world.journalDatabase else {
            let file = try SQLiteJournal.open(path: world.journal, clock: SystemClock())
            return SeamJournal(file, seam)
        }
        var settings = database.settings
        if let pace = world.pace {
            settings.replicaSeconds = pace.replicaSeconds
            settings.beatSeconds = pace.beatSeconds
        }
        let noting = NotingJournal(
            base: try await PostgresJournal.open(settings, clock: SystemClock()),
            notes: notes,
            ignoresStaleClaims: world.planted == .ignoresStaleClaims
        )
        return SeamSharedJournal(noting, seam)
    }

    func worker(on journal: any Journal) throws -> Worker {
        let clock = SystemClock()
        let access = AzureParts(world.azure)
        let vault = SeamVault(try carriers(access), seam, name: "app")
        let staging = SeamVault(try access.vault(), seam, name: "staging")
        return Worker(
            journal: journal,
            broker: SeamBroker(broker, seam),
            adapters: Adapters(
                vaults: ["app": vault, "staging": staging],
                targets: try target(access).map { ["target": SeamTarget($0, seam)] } ?? [:],
                workloads: workloads,
                hooks: [HookName(WorldFile.hook): SeamHook(try access.runbook(), seam)]
            ),
            estate: Estate(definitions: [world.definition], vaultHosts: [:]),
            settings: WorkerSettings(
                installation: InstallationID(WorldFile.installation),
                holder: "worker-\(ProcessInfo.processInfo.processIdentifier)",
                claimSeconds: claimSeconds,
                sweepSeconds: 0.5,
                relayPauseSeconds: 0.1
            ),
            clock: clock,
            logger: Logger(label: "worker") { StreamLogHandler.standardError(label: $0) }
        )
    }

    /// What a killed worker holds in a database stays its own for as long.
    private var claimSeconds: Double {
        world.pace?.claimSeconds ?? (world.journalDatabase == nil ? 120 : 3)
    }

    private var broker: RabbitMQBroker {
        var settings = world.broker.settings
        settings.lastBackoff = .milliseconds(200)
        settings.drainTimeout = .seconds(1)
        if let pace = world.pace { settings.heartbeatSeconds = pace.heartbeatSeconds }
        return RabbitMQBroker(
            settings: settings,
            topology: topology,
            subscriptions: SagaBus.workerQueues(hookKinds: WorldFile.hookKinds).map {
                Subscription($0)
            },
            ownerQueue: world.journalDatabase == nil ? SagaBus.owner : nil
        )
    }

    private var workloads: [WorkloadName: any Workload] {
        let names = world.definition.workloads.map(\.name)
        return Dictionary(
            uniqueKeysWithValues: names.map { name in
                (name, SeamWorkload(world.workload(name), seam))
            }
        )
    }

    private func carriers(_ access: AzureParts) throws -> any Vault {
        let vault = try access.vault()
        return switch world.planted {
        case .skipsPromotion: MistakenVault(vault)
        case .revokesEarly where world.strategy == .valueOnly: HastyVault(vault)
        case .revokesEarly, .ignoresStaleClaims, .callsLate, nil: vault
        }
    }

    private func target(_ access: AzureParts) throws -> (any Target)? {
        let isEarly = world.planted == .revokesEarly
        if let id = world.applicationID {
            let application = try access.application(id)
            return isEarly ? MistakenTarget(application) : application
        }
        if let path = world.keys {
            let keys = LoggedKeys(path: path, callsLate: world.planted == .callsLate)
            return isEarly ? MistakenTarget(keys) : keys
        }
        guard let postgres = world.postgres else { return nil }
        let roles = PostgresTarget(postgres.settings)
        return isEarly ? MistakenTarget(roles) : roles
    }

    /// The saga's, and a queue with what an outsider hears of the end.
    private var topology: Topology {
        var topology = SagaBus.topology(hookKinds: WorldFile.hookKinds)
        topology.queues.append(.init(temporary: WorldFile.witness))
        topology.bindings.append(
            .init(
                exchange: SagaBus.events,
                queue: WorldFile.witness,
                routingKey: SagaBus.routingKey(of: .rotationCompleted, urgent: false)
            )
        )
        return topology
    }
}

extension WorldFile.JournalDatabase {
    /// Both the worker's and an observer's way to it.
    var settings: PostgresJournalSettings {
        let file = passwordFile
        return PostgresJournalSettings(
            host: host,
            port: port,
            database: "postgres",
            user: user,
            tls: .disabled,
            schema: schema
        ) { AzureParts.secret(at: file) }
    }
}

extension WorldFile.Broker {
    /// Both the worker's and an observer's way to it.
    var settings: RabbitMQSettings {
        let file = passwordFile
        return RabbitMQSettings(
            addresses: [.init(host: host, port: port)],
            virtualHost: virtualHost,
            user: user,
            password: { AzureParts.secret(at: file) }
        )
    }
}
