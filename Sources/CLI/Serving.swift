import CoreMetrics
import Foundation
import Logging
import RabbitMQBroker
import RekeyConfiguration
import RekeyCore
import RekeyPlatform
import RekeyPorts
import RekeyTelemetry
import RekeyWorker
import ServiceLifecycle
import UnixSignals

/// What the commands that keep running have in common.
struct Serving {
    let assembly: Assembly
    let clock = SystemClock()
    private let logger: Logger
    private let registry = PrometheusMetrics()

    init(_ settings: Settings) throws {
        logger = ConsoleLog.logger(settings.logs)
        for failure in ProcessHardening.apply() {
            logger.warning(
                "a measure against memory dumps failed",
                metadata: ["measure": "\(failure)"]
            )
        }
        MetricsSystem.bootstrap(registry)
        assembly = Assembly(settings)
    }

    /// A worker of a journal, and its broker.
    ///
    /// It is the only one of a virtual host, unless the journal is one that workers share.
    func worker(
        of adapters: Adapters,
        on journal: any Journal
    ) throws -> (any Service, any Broker) {
        let broker = RabbitMQBroker(
            settings: try assembly.brokerSettings(connectDeadline: Self.connectDeadline),
            topology: assembly.workerTopology,
            subscriptions: assembly.subscriptions,
            ownerQueue: assembly.settings.journal.isShared ? nil : SagaBus.owner
        )
        let process = ProcessInfo.processInfo
        let worker = Worker(
            journal: journal,
            broker: broker,
            adapters: adapters,
            estate: assembly.estate,
            settings: assembly.workerSettings(
                // Processes of two machines may share both names, and must share no claim.
                holder: "\(process.hostName)/\(process.processIdentifier)/\(UUID().uuidString)"
            ),
            clock: clock,
            logger: logger,
            sideQueues: assembly.sites.sideQueues
        )
        assembly.sites.connect(broker)
        return (worker, broker)
    }

    /// A connection that publishes, and consumes nothing.
    ///
    /// It declares nothing: the exchanges and queues are the worker's, and its user need only be
    /// allowed to write the intake. An event that no queue takes comes back, and is refused.
    func publisher() throws -> PublishingService {
        PublishingService(
            broker: RabbitMQBroker(
                settings: try assembly.brokerSettings(connectDeadline: Self.connectDeadline),
                topology: Topology()
            )
        )
    }

    /// The gateway, where the configuration has one.
    func gateway(
        _ reader: any JournalReader,
        _ broker: any Broker,
        consumes: Bool = true
    ) throws -> [any Service] {
        try assembly.gateway(reader, broker, registry, logger, consumes: consumes)
    }

    /// What answers for the worker, where the configuration has an address for it.
    func health(_ reader: any JournalReader, _ broker: any Broker) -> [any Service] {
        assembly.workerHealth(reader, broker, registry, logger)
    }

    /// Runs until a signal comes: whatever ends, by a signal or a failure, ends the others.
    ///
    /// A shared journal is closed then, so that the other workers take over at once.
    func run(_ services: [any Service], leaving journal: (any Journal)? = nil) async throws {
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await run(services))
        } catch {
            outcome = .failure(error)
        }
        await (journal as? any SharedJournal)?.close()
        try outcome.get()
    }

    private func run(_ services: [any Service]) async throws {
        logger.info("rekey runs", metadata: ["version": "\(rekeyVersion)"])
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(
                        service: $0,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup
                    )
                },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }

    /// A broker that is not there at the start is told of, and not waited for.
    private static let connectDeadline = Duration.seconds(15)
}

/// Keeps a publishing connection until a shutdown is asked for.
struct PublishingService: Service {
    let broker: RabbitMQBroker

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await broker.run() }
    }
}
