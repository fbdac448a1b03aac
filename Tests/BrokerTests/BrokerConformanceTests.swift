import InMemoryBroker
import PortConformance
@testable import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@Suite struct `Every broker` {
    @Test(arguments: BrokerConformance.allCases)
    func `in memory keeps its promises`(promise: BrokerConformance) async throws {
        try await promise.check(InMemoryUnderTest())
    }

    @Test(.timeLimit(.minutes(2)), arguments: BrokerConformance.allCases)
    func `RabbitMQ keeps its promises`(promise: BrokerConformance) async throws {
        try await promise.check(RabbitMQUnderTest(await TestBroker.fresh()))
    }
}

/// Participants on one world in memory.
struct InMemoryUnderTest: BrokerUnderTest {
    private let world = InMemoryBroker(
        topology: BrokerConformance.topology,
        deliveryLimit: BrokerConformance.deliveryLimit
    )

    var parkingLot: any ParkingLot { world }
    var user: String { InMemoryBroker.user }

    func broker(consuming queues: [String]) -> any Broker { world.peer(subscriptions: queues) }

    func cut(_ broker: any Broker) { (broker as? InMemoryBroker)?.disconnect() }

    func count(in queue: String) -> Int { world.countAll(in: queue) }
}

/// Participants on one virtual host of a real broker.
struct RabbitMQUnderTest: BrokerUnderTest {
    let test: TestBroker

    init(_ test: TestBroker) { self.test = test }

    var parkingLot: any ParkingLot { RabbitMQParkingLot(settings: settings) }
    var user: String { settings.user }

    private var settings: RabbitMQSettings {
        var settings = test.settings
        settings.guards.deliveryLimit = .integer(Int64(BrokerConformance.deliveryLimit))
        return settings
    }

    func broker(consuming queues: [String]) -> any Broker {
        RabbitMQBroker(
            settings: settings,
            topology: BrokerConformance.topology,
            subscriptions: queues.map { Subscription($0) }
        )
    }

    func cut(_ broker: any Broker) async throws { try await test.cut() }

    func count(in queue: String) async throws -> Int { try await test.count(in: queue) }
}
