import RabbitMQBroker
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

extension Assembly {
    /// The broker's settings; with a deadline the first connection fails instead of being
    /// tried for ever.
    func brokerSettings(connectDeadline: Duration?) throws -> RabbitMQSettings {
        let broker = settings.broker
        var tls: RabbitMQTLS?
        if broker.usesTLS {
            tls = RabbitMQTLS(
                caFile: broker.authorities ?? "/etc/ssl/certs/ca-certificates.crt",
                identity: broker.certificate.map {
                    .init(certificateFile: $0.certificate, keyFile: $0.signingKey)
                }
            )
        }
        var own = RabbitMQSettings(
            addresses: broker.nodes.map { .init(host: $0.host, port: $0.port) },
            virtualHost: broker.virtualHost,
            user: broker.user,
            password: secrets.source(broker.password),
            tls: tls
        )
        own.connectDeadline = connectDeadline
        return own
    }

    /// The queues of a worker.
    ///
    /// The urgent twins come first, and are handed over first.
    var subscriptions: [Subscription] {
        let sideQueues = sites.sideQueues.keys.sorted()
        return (SagaBus.workerQueues(hookKinds: hookKinds) + sideQueues).map {
            Subscription($0, isUrgent: SagaBus.lane(of: $0)?.isUrgent ?? false)
        }
    }
}
