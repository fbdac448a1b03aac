import PortConformance
import RekeyCore
import RekeyPorts
import Testing

@testable import RabbitMQBroker

/// Traps 1 and 7 of deploy/rabbitmq/README.md: what may share a connection, and how it is read.
@Suite(.timeLimit(.minutes(2))) struct `A connection to a scripted server` {
    private static func settings(_ server: ScriptedServer) -> RabbitMQSettings {
        var settings = RabbitMQSettings(
            addresses: [.init(host: "127.0.0.1", port: server.port)],
            user: "rekey",
            password: { Secret(copying: Array("secret".utf8)) }
        )
        settings.drainTimeout = .milliseconds(100)
        return settings
    }

    // Row 1: a read that waits for one channel's frame drops those of others that came before it.
    @Test func `hears of an alarm between a returned event and its header`() async throws {
        let server = try ScriptedServer { call in
            guard call.method == 0x0055_000A else { return .answer }
            // What comes before an answer is queued by the library: there the frames are lost.
            let alarm = AMQPBytes.method(0x000A_003C, AMQPBytes.shortText("memory"), channel: 0)
            return .answerAfter(
                AMQPBytes.returned(exchange: "rekey.events", routingKey: "nowhere") + alarm
                    + AMQPBytes.header(id: "returned")
            )
        }
        let broker = RabbitMQBroker(
            settings: Self.settings(server),
            topology: BrokerConformance.topology
        )
        let running = try await RunningBroker(broker)
        try await running.wait("it hears of the alarm", within: .seconds(5)) {
            broker.state.blockedReason == "memory"
        }
        try await running.stop()
        server.close()
    }

    // Row 7: a broker with an alarm stops reading whoever publishes, acknowledgements included.
    @Test func `is never published to and acknowledged on at once`() async throws {
        let server = try ScriptedServer { call in
            guard call.method == 0x003C_0014 else { return .answer }
            let delivery = AMQPBytes.delivery(consumer: "0", tag: 1, id: "a", body: [1])
            return .answerBefore(delivery)
        }
        let broker = RabbitMQBroker(
            settings: Self.settings(server),
            topology: BrokerConformance.topology,
            subscriptions: [Subscription("rekey.step.one")]
        )
        let running = try await RunningBroker(broker)
        await broker.acknowledge([try await running.collect(1)[0].tag])
        let outcome = await broker.publish([BrokerConformance.event("b", to: "one")])
        #expect(outcome == [.confirmed])
        func connections(_ method: Int) -> Set<Int> {
            Set(server.calls.filter { $0.method == method }.map(\.connection))
        }
        try await running.wait("the acknowledgement is read") { !connections(0x003C_0050).isEmpty }
        let (published, acknowledged) = (connections(0x003C_0028), connections(0x003C_0050))
        #expect(!published.isEmpty)
        #expect(published.isDisjoint(with: acknowledged))
        try await running.stop()
        server.close()
    }
}
