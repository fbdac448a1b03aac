import Logging
import RekeyAzure
import RekeyConfiguration
import RekeyCore
import RekeyGateway
import RekeyPorts
import RekeyTelemetry
import ServiceLifecycle

extension Assembly {
    /// The gateway, where the configuration has one.
    func gateway(
        _ reader: any JournalReader,
        _ broker: any Broker,
        _ registry: PrometheusMetrics,
        _ logger: Logger,
        consumes: Bool = true
    ) throws -> [any Service] {
        guard let own = settings.gateway else { return [] }
        let certificate = own.tls.map {
            RekeyGateway.GatewaySettings.Certificate(
                certificatePath: $0.certificate,
                keyPath: $0.signingKey
            )
        }
        let gateway = RekeyGateway.GatewaySettings(
            host: own.host,
            port: own.port,
            brokerUser: settings.broker.user,
            tls: certificate,
            eventGrid: try own.eventGrid.map { try authentication($0.authentication) },
            subscriptions: Set(own.eventGrid?.subscriptions ?? []),
            apiToken: own.apiToken.map { secrets.source($0) }
        )
        let service = Gateway(
            gateway,
            broker: broker,
            reader: reader,
            registry: registry,
            secrets: rotated,
            logger: logger,
            consumes: consumes
        )
        return [service]
    }

    /// What answers for a worker, where the configuration has an address for it.
    func workerHealth(
        _ reader: any JournalReader,
        _ broker: any Broker,
        _ registry: PrometheusMetrics,
        _ logger: Logger
    ) -> [any Service] {
        guard let own = settings.worker.listen else { return [] }
        let service = WorkerHealth(
            host: own.host,
            port: own.port,
            broker: broker,
            reader: reader,
            registry: registry,
            secrets: rotated,
            logger: logger
        )
        return [service]
    }

    private var rotated: Set<CredentialID> {
        Set(settings.definitions.filter(\.isEnabled).map(\.id))
    }

    private func authentication(
        _ settings: RekeyConfiguration.GatewaySettings.EventGridAuthentication
    ) throws -> RekeyGateway.GatewaySettings.Authentication {
        switch settings {
        case .header(let name, let value):
            return .header(name: name, value: secrets.source(value))
        case .entra(let tenant, let audience, let applications, let role):
            guard let azure = try self.azure() else {
                throw Problem(
                    "gateway.eventGrid.entra needs the section azure",
                    code: Problem.configuration
                )
            }
            let expectation = EntraTokenVerifier.Expectation(
                tenant: tenant,
                audience: audience,
                applications: Set(applications),
                role: role
            )
            return .entra(
                EntraTokenVerifier(expectation, environment: azure.environment, http: azure.http)
            )
        }
    }
}
