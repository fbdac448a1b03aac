import RabbitMQBroker
import RekeyPorts

/// A topology as RabbitMQ's definitions file has it, for `rabbitmqctl import_definitions`.
struct BrokerDefinitions: Encodable {
    struct Exchange: Encodable {
        var name: String
        var vhost: String
        var type: String
        var durable = true
        var autoDelete = false
        var isInternal = false
        var arguments: [String: Argument] = [:]

        enum CodingKeys: String, CodingKey {
            case name, vhost, type, durable, arguments
            case autoDelete = "auto_delete"
            case isInternal = "internal"
        }
    }

    struct Queue: Encodable {
        var name: String
        var vhost: String
        var durable = true
        var autoDelete = false
        var arguments: [String: Argument]

        enum CodingKeys: String, CodingKey {
            case name, vhost, durable, arguments
            case autoDelete = "auto_delete"
        }
    }

    struct Binding: Encodable {
        var source: String
        var vhost: String
        var destination: String
        var destinationType = "queue"
        var routingKey: String
        var arguments: [String: Argument] = [:]

        enum CodingKeys: String, CodingKey {
            case source, vhost, destination, arguments
            case destinationType = "destination_type"
            case routingKey = "routing_key"
        }
    }

    /// A queue's argument.
    enum Argument: Encodable {
        case text(String)
        case number(Int64)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }

    var exchanges: [Exchange]
    var queues: [Queue]
    var bindings: [Binding]

    init(_ topology: Topology, in host: String) {
        exchanges = topology.exchanges.map {
            Exchange(name: $0.name, vhost: host, type: $0.kind.rawValue)
        }
        queues = topology.queues.map {
            Queue(name: $0.name, vhost: host, arguments: Self.arguments(of: $0))
        }
        bindings = topology.bindings.map {
            Binding(
                source: $0.exchange,
                vhost: host,
                destination: $0.queue,
                routingKey: $0.routingKey
            )
        }
    }

    /// The same as the worker declares; another value would be refused with 406.
    private static func arguments(of queue: Topology.Queue) -> [String: Argument] {
        var arguments: [String: Argument] = [
            "x-queue-type": .text("quorum"),
            "x-overflow": .text("reject-publish"),
            "x-delivery-limit": .number(parkedDeliveryLimit),
        ]
        if let deadLetter = queue.deadLetter {
            arguments["x-delivery-limit"] = .number(deliveryLimit)
            arguments["x-dead-letter-exchange"] = .text(deadLetter.exchange)
            arguments["x-dead-letter-routing-key"] = .text(deadLetter.routingKey)
            arguments["x-dead-letter-strategy"] = .text("at-least-once")
        }
        return arguments
    }

    /// As the adapter's `TopologyDeclaration` has them.
    private static let deliveryLimit: Int64 = 20
    private static let parkedDeliveryLimit: Int64 = 1_000_000_000
}
