import Hummingbird
package import Logging
package import RekeyCore
package import RekeyPorts
package import RekeyTelemetry
import ServiceLifecycle

/// A worker's health, readiness and metrics over HTTP, for where no gateway is beside it.
package struct WorkerHealth: Service {
    private let listener: Listener
    private let health: HealthReport

    /// Makes what answers at an address of a worker by which `secrets` are to be rotated.
    package init(
        host: String,
        port: Int,
        broker: any Broker,
        reader: any JournalReader,
        registry: PrometheusMetrics,
        secrets: Set<CredentialID>,
        logger: Logger
    ) {
        listener = Listener(name: "worker.listen", host: host, port: port, logger: logger)
        health = HealthReport(
            broker: broker,
            reader: reader,
            registry: registry,
            consumes: true,
            secrets: secrets
        )
    }

    /// Serves until it is cancelled or asked to shut down.
    ///
    /// Throws where the address is taken.
    package func run() async throws {
        let router = Router()
        health.answer(on: router)
        try await listener.serve(router)
    }
}
