import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOSSL
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
        var quiet = logger
        // Hummingbird tells of every connection at `info`, where paths may name secrets, and of
        // connections that a shutdown cuts at `error`; why the gateway ends, `run` throws.
        quiet.logLevel = .critical
        let application = Application(
            router: router(),
            server: try server(),
            configuration: .init(
                address: .hostname(settings.host, port: settings.port),
                serverName: "rekey"
            ),
            logger: quiet
        )
        do {
            try await application.runService(gracefulShutdownSignals: [])
        } catch let error as IOError {
            // NIO's own text names its functions, not the address.
            throw StepFailure(
                .permanent,
                "gateway \(settings.host):\(settings.port): \(Self.reason(error.errnoCode))"
            )
        }
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case EADDRINUSE: "the address is in use"
        case EADDRNOTAVAIL: "the address is not one of this machine's"
        case EACCES: "no permission to listen there"
        default: "errno \(code)"
        }
    }

    private func server() throws -> HTTPServerBuilder {
        guard let own = settings.tls else { return .http1() }
        let chain = try NIOSSLCertificate.fromPEMFile(own.certificatePath)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: own.keyPath, format: .pem))
        )
        configuration.minimumTLSVersion = .tlsv12
        return try .tls(.http1(), tlsConfiguration: configuration)
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        let intake = EventIntake(settings: settings, broker: broker, logger: logger)
        router.post("/events/keyvault") { request, _ in try await intake.take(request) }
        router.on("/events/keyvault", method: .options) { request, _ in
            try await intake.shakeHands(request)
        }
        let health = HealthReport(
            broker: broker,
            reader: reader,
            registry: registry,
            consumes: consumes,
            secrets: secrets
        )
        router.get("/health") { _, _ in health.alive }
        router.get("/ready") { _, _ in await health.ready }
        router.get("/metrics") { _, _ in await health.metrics }
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
