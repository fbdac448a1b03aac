import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import Synchronization

/// An outsider on AMQP that hears every event of the saga, and publishes as an outsider may.
final class Witness: Sendable {
    private static let events = "rekey.events"

    private let broker: RabbitMQBroker
    private let heard = Heard()
    private let tasks: [Task<Void, any Error>]

    /// Returns once it hears; it is the estate's own user unless another is named.
    init(_ estate: Estate, user: String? = nil, password: String? = nil) async throws {
        let word = password ?? estate.rabbit.password
        let queue = "client.witness-\(user ?? "own")"
        let broker = RabbitMQBroker(
            settings: RabbitMQSettings(
                addresses: [.init(host: estate.rabbit.host, port: estate.rabbit.port)],
                virtualHost: estate.virtualHost,
                user: user ?? estate.rabbit.user,
                password: { Secret(copying: word.utf8) }
            ),
            topology: Topology(
                queues: [.init(temporary: queue)],
                bindings: [.init(exchange: Self.events, queue: queue, routingKey: "#")]
            ),
            subscriptions: [Subscription(queue)]
        )
        self.broker = broker
        tasks = [
            Task { try await broker.run() },
            Task { [heard] in
                for await delivery in broker.deliveries {
                    heard.add(delivery)
                    await broker.acknowledge([delivery.tag])
                }
            },
        ]
        try await eventually("the witness hears") {
            broker.state.isConsuming && broker.state.isPublishing
        }
    }

    deinit { for task in tasks { task.cancel() } }

    /// What was heard so far, in order.
    var deliveries: [Delivery] { heard.all }

    /// Publishes what was heard as it was, byte for byte, to where it came from.
    func repeatAll() async -> [PublishOutcome] {
        await broker.publish(
            deliveries.map {
                Publication(
                    exchange: $0.exchange,
                    routingKey: $0.routingKey,
                    body: $0.body,
                    properties: $0.properties
                )
            }
        )
    }

    /// Publishes a text to Rekey's intake, or straight to a queue, with these properties.
    func publish(
        _ body: String,
        _ properties: EventProperties,
        to queue: String? = nil
    ) async -> PublishOutcome? {
        let publication = Publication(
            exchange: queue == nil ? "rekey.intake" : "",
            routingKey: queue ?? "from.outside",
            body: Array(body.utf8),
            properties: properties
        )
        return await broker.publish([publication]).first
    }

    private final class Heard: Sendable {
        private let deliveries = Mutex<[Delivery]>([])

        var all: [Delivery] { deliveries.withLock { $0 } }

        func add(_ delivery: Delivery) { deliveries.withLock { $0.append(delivery) } }
    }
}
