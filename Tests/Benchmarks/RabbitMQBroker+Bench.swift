import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker

extension RabbitMQBroker {
    /// A worker's two connections, with all its queues.
    static func forWorker(
        at place: EchoPlace,
        window: Int,
        isOnlyOne: Bool = true
    ) -> RabbitMQBroker {
        var settings = RabbitMQSettings(place)
        settings.confirmWindow = window
        return RabbitMQBroker(
            settings: settings,
            topology: SagaBus.topology(hookKinds: []),
            subscriptions: SagaBus.workerQueues(hookKinds: []).map {
                Subscription(
                    $0,
                    prefetch: window,
                    isUrgent: SagaBus.lane(of: $0)?.isUrgent ?? false
                )
            },
            ownerQueue: isOnlyOne ? SagaBus.owner : nil
        )
    }

    /// One connection of a client that publishes only, and declares nothing.
    static func forClient(at place: EchoPlace) -> RabbitMQBroker {
        RabbitMQBroker(settings: RabbitMQSettings(place), topology: Topology())
    }
}

extension RabbitMQSettings {
    fileprivate init(_ place: EchoPlace) {
        let password = place.password
        self.init(
            addresses: [.init(host: place.host, port: place.port)],
            virtualHost: place.virtualHost,
            user: place.user,
            password: { Secret(copying: password.utf8) }
        )
    }
}

extension EchoPlace {
    init(_ rabbit: PrivateRabbitMQ, virtualHost: String) {
        self.init(
            host: rabbit.host,
            port: rabbit.port,
            virtualHost: virtualHost,
            user: rabbit.user,
            password: rabbit.password
        )
    }
}
