import PortConformance
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import RabbitMQBroker

/// The queues that a process has for itself, such as that for the sites' answers.
@Suite(.timeLimit(.minutes(2))) struct `A temporary queue` {
    private static func broker(_ test: TestBroker, _ queue: String) -> RabbitMQBroker {
        let exchange = "rekey.events"
        return RabbitMQBroker(
            settings: test.settings,
            topology: Topology(
                exchanges: [.init(exchange, .topic)],
                queues: [.init(temporary: queue, isReplicated: true)],
                bindings: [.init(exchange: exchange, queue: queue, routingKey: "answer.#")]
            ),
            subscriptions: [Subscription(queue)]
        )
    }

    private static func event(_ id: String, to key: String) -> Publication {
        Publication(
            exchange: "rekey.events",
            routingKey: key,
            body: [1],
            properties: EventProperties(messageID: id)
        )
    }

    @Test func `hears what the others hear, also after its connection was lost`() async throws {
        let test = try await TestBroker.fresh()
        let one = try await RunningBroker(Self.broker(test, "rekey.answers.one"))
        let two = try await RunningBroker(Self.broker(test, "rekey.answers.two"))
        #expect(await one.broker.publish([Self.event("a", to: "answer")]) == [.confirmed])
        for running in [one, two] {
            try await running.wait("it is heard") { running.deliveries.count == 1 }
            await running.broker.acknowledge(running.deliveries.map(\.tag))
        }
        try await test.cut()
        try await one.wait("both are back") {
            let outcome = await one.broker.publish([Self.event("b", to: "answer.urgent")])
            let heard = [one, two].map { $0.deliveries.contains { $0.properties.messageID == "b" } }
            return outcome == [.confirmed] && heard == [true, true]
        }
        try await one.stop()
        try await two.stop()
    }

    // A classic queue cannot be declared again while the node is down that it was made on, and no
    // other queue of that connection either.
    @Test(arguments: [(true, "quorum"), (false, "classic")])
    func `is replicated for a worker, and goes once nobody has used it for a minute`(
        isReplicated: Bool,
        type: String
    ) {
        let queue = Topology.Queue(temporary: "q", isReplicated: isReplicated)
        let arguments = TopologyDeclaration.arguments(queue, guards: Guards())
        #expect(arguments["x-queue-type"] == .text(type))
        #expect(arguments["x-expires"] == .integer(60_000))
    }
}
