import Hummingbird
package import Logging
package import RekeyCore
package import RekeyPorts
package import RekeyTelemetry
import ServiceLifecycle

/// Rekey over HTTP: Event Grid's webhooks in, health, metrics and rotations out.
package struct Gateway: Service {
    private let settings: GatewaySettings
    private let broker: any Broker
    private let reader: any JournalReader
    private let registry: PrometheusMetrics
    private let logger: Logger
    private let secrets: Set<CredentialID>
    private let consumes: Bool

    /// Makes a gateway to an estate of which `secrets` are to be rotated.
    ///
    /// Without `consumes` the worker is another process, and readiness is about publishing alone.
    package init(
        _ settings: GatewaySettings,
        broker: any Broker,
        reader: any JournalReader,
        registry: PrometheusMetrics,
        secrets: Set<CredentialID>,
        logger: Logger,
        consumes: Bool = true
    ) {
        self.consumes = consumes
        self.settings = settings
        self.broker = broker
        self.reader = reader
        self.registry = registry
        self.secrets = secrets
        self.logger = logger
    }

    /// Serves until it is cancelled or asked to shut down.
    ///
    /// Throws where the address is taken.
    package func run() async throws {
        let listener = Listener(
            name: "gateway",
            host: settings.host,
            port: settings.port,
            tls: settings.tls,
            logger: logger
        )
        try await listener.serve(router())
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        let intake = EventIntake(settings: settings, broker: broker, logger: logger)
        router.post("/events/keyvault") { request, _ in try await intake.take(request) }
        router.on("/events/keyvault", method: .options) { request, _ in
            try await intake.shakeHands(request)
        }
        HealthReport(
            broker: broker,
            reader: reader,
            registry: registry,
            consumes: consumes,
            secrets: secrets
        ).answer(on: router)
        let rotations = RotationQueries(
            reader: reader,
            token: settings.apiToken,
            logger: logger
        )
        router.get("/api/rotations") { request, _ in try await rotations.list(request) }
        router.get("/api/rotations/:id") { request, context in
            try await rotations.show(request, id: context.parameters.require("id"))
        }
        return router
    }
}
