import PortConformance
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import RabbitMQBroker

@Suite(.timeLimit(.minutes(2))) struct `A replayed event` {
    // Anybody may put a header beside an event, and make the broker park it.
    @Test func `is not believed when it says itself who published it`() async throws {
        let test = try await TestBroker.fresh()
        let broker = RabbitMQBroker(
            settings: test.settings,
            topology: BrokerConformance.topology,
            subscriptions: [Subscription("rekey.step.one")]
        )
        let running = try await RunningBroker(broker)
        let forged = Publication(
            exchange: "rekey.events",
            routingKey: "one",
            body: [],
            properties: EventProperties(
                messageID: "forged",
                headers: [EventProperties.firstUserHeader: "administrator"]
            )
        )
        #expect(await broker.publish([forged]) == [.confirmed])
        await broker.reject(try await running.collect(1)[0].tag)
        try await running.wait("it is parked") {
            try await test.count(in: "rekey.parked.one") == 1
        }
        let lot = RabbitMQParkingLot(settings: test.settings)
        #expect(try await lot.replay("forged", from: "rekey.parked.one", to: "rekey.step.one"))
        let delivery = try await running.collect(2)[1]
        #expect(delivery.properties.messageID == "forged")
        #expect(delivery.properties.headers[EventProperties.firstUserHeader] == nil)
        #expect(
            delivery.properties.headers[EventProperties.replayedByHeader] == test.settings.user
        )
        await broker.acknowledge([delivery.tag])
        try await running.stop()
    }
}
