import ArgumentParser
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

/// `rekey run`: worker, gateway and sweeper in one process.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the worker, the gateway and the sweeper until it is stopped.",
        discussion: "SIGTERM and SIGINT end it: what is in hand is finished and recorded first."
    )

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        let settings = try configuration.load()
        let logger = ConsoleLog.logger(settings.logs)
        for failure in ProcessHardening.apply() {
            logger.warning(
                "a measure against memory dumps failed",
                metadata: ["measure": "\(failure)"]
            )
        }
        let registry = PrometheusMetrics()
        MetricsSystem.bootstrap(registry)
        let assembly = try Assembly(settings)
        let clock = SystemClock()
        let journal = try assembly.openJournal(clock)
        let broker = RabbitMQBroker(
            settings: try assembly.brokerSettings(connectDeadline: .seconds(15)),
            topology: assembly.topology,
            subscriptions: assembly.subscriptions,
            ownerQueue: SagaBus.owner
        )
        let process = ProcessInfo.processInfo
        let holder = "\(process.hostName)/\(process.processIdentifier)"
        let worker = Worker(
            journal: journal,
            broker: broker,
            adapters: assembly.adapters,
            estate: assembly.estate,
            settings: assembly.workerSettings(holder: holder),
            clock: clock,
            logger: logger,
            sideQueues: assembly.sites.sideQueues
        )
        assembly.sites.connect(broker)
        var services: [any Service] = [worker]
        services += try assembly.gateway(journal, broker, registry, logger)
        logger.info("rekey runs", metadata: ["version": "\(rekeyVersion)"])
        try await group(of: services, logger).run()
    }

    /// All or none: whatever ends, by a signal or a failure, ends the others.
    private func group(of services: [any Service], _ logger: Logger) -> ServiceGroup {
        ServiceGroup(
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
    }
}
