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

    /// The world's journal behind the seam.
    func journal() async throws -> any Journal {
        guard let database = world.journalDatabase else {
            let file = try SQLiteJournal.open(path: world.journal, clock: SystemClock())
            return SeamJournal(file, seam)
        }
        return SeamSharedJournal(
            try await PostgresJournal.open(database.settings, clock: SystemClock()),
            seam
        )
    }

    func worker(on journal: any Journal) throws -> Worker {
        let clock = SystemClock()
        let access = AzureParts(world.azure)
        let isStuck = world.planted == .skipsPromotion
        let carriers: any Vault = isStuck ? MistakenVault(try access.vault()) : try access.vault()
        let vault = SeamVault(carriers, seam, name: "app")
        let staging = SeamVault(try access.vault(), seam, name: "staging")
        return Worker(
            journal: journal,
            broker: SeamBroker(broker, seam),
            adapters: Adapters(
                vaults: ["app": vault, "staging": staging],
                targets: ["target": SeamTarget(try target(access), seam)],
                workloads: ["shop": SeamWorkload(FileWorkload(path: world.workload), seam)],
                hooks: [HookName(WorldFile.hook): SeamHook(try access.runbook(), seam)]
            ),
            estate: Estate(definitions: [definition], vaultHosts: [:]),
            settings: WorkerSettings(
                installation: InstallationID(WorldFile.installation),
                holder: "worker-\(ProcessInfo.processInfo.processIdentifier)",
                claimSeconds: world.journalDatabase == nil ? 120 : Self.sharedClaimSeconds,
                sweepSeconds: 0.5,
                relayPauseSeconds: 0.1
            ),
            clock: clock,
            logger: Logger(label: "worker") { StreamLogHandler.standardError(label: $0) }
        )
    }

    /// What a killed worker holds in a database stays its own for as long.
    private static let sharedClaimSeconds: Double = 3

    private var broker: RabbitMQBroker {
        let file = world.broker.passwordFile
        var settings = RabbitMQSettings(
            addresses: [.init(host: world.broker.host, port: world.broker.port)],
            virtualHost: world.broker.virtualHost,
            user: world.broker.user,
            password: { AzureParts.secret(at: file) }
        )
        settings.lastBackoff = .milliseconds(200)
        settings.drainTimeout = .seconds(1)
        return RabbitMQBroker(
            settings: settings,
            topology: SagaBus.topology(hookKinds: WorldFile.hookKinds),
            subscriptions: SagaBus.workerQueues(hookKinds: WorldFile.hookKinds).map {
                Subscription($0)
            },
            ownerQueue: world.journalDatabase == nil ? SagaBus.owner : nil
        )
    }

    private func target(_ access: AzureParts) throws -> any Target {
        let isEarly = world.planted == .revokesEarly
        if let id = world.applicationID {
            let application = try access.application(id)
            return isEarly ? MistakenTarget(application) : application
        }
        guard let postgres = world.postgres else {
            throw StepFailure(.permanent, "the world has no target")
        }
        let roles = PostgresTarget(postgres.settings)
        return isEarly ? MistakenTarget(roles) : roles
    }

    private var definition: CredentialDefinition {
        let isRole = world.postgres != nil
        let reference = SecretReference(vault: "app", name: SecretName(WorldFile.secret))
        return CredentialDefinition(
            id: "orders",
            strategy: isRole ? .alternate : .addThenRemove,
            target: "target",
            staging: SecretReference(vault: "staging", name: SecretName(WorldFile.staged)),
            carriers: [PlannedCarrier(reference, format: isRole ? .url : .bare)],
            workloads: [PlannedWorkload("shop")],
            hooks: isRole ? [] : [PlannedHook(HookName(WorldFile.hook), kind: "automation")],
            policy: RotationPolicy(
                graceSeconds: 0.1,
                verifyDeadlineSeconds: 120,
                callAttempts: 20,
                callDeadlineSeconds: 2,
                firstBackoffSeconds: 0.05,
                longestBackoffSeconds: 0.5
            )
        )
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
