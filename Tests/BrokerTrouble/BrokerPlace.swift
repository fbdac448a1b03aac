import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker

/// Where a worker finds its broker, and what others know of it.
struct BrokerPlace: Sendable {
    /// Of the worker, which may go through proxies or to several nodes.
    var ports: [Int]
    /// Of everybody else.
    var outsidePorts: [Int]
    var virtualHost: String
    var user: String
    var password: String
    var administrator: String
    var administratorPassword: String

    /// The worker as the administrator, straight to one node.
    init(_ node: PrivateRabbitMQ, virtualHost: String) {
        ports = [node.port]
        outsidePorts = [node.port]
        self.virtualHost = virtualHost
        (user, password) = (node.user, node.password)
        (administrator, administratorPassword) = (node.user, node.password)
    }

    /// A worker's settings with short waits, so that trouble costs seconds.
    func workerSettings(confirmTimeout: Duration) -> RabbitMQSettings {
        var settings = Self.settings(ports, virtualHost, user, password)
        settings.confirmTimeout = confirmTimeout
        return settings
    }

    func workerBroker(confirmTimeout: Duration) -> RabbitMQBroker {
        RabbitMQBroker(
            settings: workerSettings(confirmTimeout: confirmTimeout),
            topology: SagaBus.topology(hookKinds: []),
            subscriptions: Self.workerQueues.map { Subscription($0) },
            ownerQueue: SagaBus.owner
        )
    }

    static var workerQueues: [String] { SagaBus.workerQueues(hookKinds: []) }

    /// Declares what is missing of a topology, on a connection of its own.
    func declare(_ topology: Topology) async throws {
        let settings = Self.settings(ports, virtualHost, administrator, administratorPassword)
        let client = RabbitMQBroker(settings: settings, topology: topology)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            try await eventually("everything is declared") { client.state.isPublishing }
            group.cancelAll()
        }
    }

    func makeOutsider() -> Outsider {
        Outsider(
            Self.settings(outsidePorts, virtualHost, administrator, administratorPassword)
        )
    }

    private static func settings(
        _ ports: [Int],
        _ virtualHost: String,
        _ user: String,
        _ password: String
    ) -> RabbitMQSettings {
        var settings = RabbitMQSettings(
            addresses: ports.map { .init(host: "127.0.0.1", port: $0) },
            virtualHost: virtualHost,
            user: user,
            password: { Secret(copying: password.utf8) }
        )
        settings.heartbeatSeconds = 1
        settings.connectTimeout = .seconds(2)
        settings.handshakeTimeout = .seconds(3)
        settings.rpcTimeout = .seconds(5)
        settings.publishWait = .seconds(1)
        settings.drainTimeout = .milliseconds(200)
        settings.firstBackoff = .milliseconds(10)
        settings.lastBackoff = .milliseconds(200)
        settings.refusalBackoff = .milliseconds(100)
        settings.ownerPatience = .seconds(20)
        return settings
    }
}
