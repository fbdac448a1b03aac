import PortConformance
import RekeyPorts
import Testing

@testable import InMemoryBroker

@Suite struct `A broker in memory` {
    @Test(
        arguments: [
            ("a.b", "a.b", true), ("a.b", "a.c", false), ("a.*", "a.b", true),
            ("a.*", "a", false), ("a.*", "a.b.c", false), ("a.#", "a", true),
            ("a.#", "a.b.c", true), ("#", "", true), ("#", "x.y", true), ("#.c", "a.b.c", true),
            ("#.c", "c", true), ("#.c", "a.c.d", false), ("*.#.d", "a.d", true),
            ("*.#.d", "d", false), ("a.#.#.b", "a.b", true), ("", "", true), ("*", "", true),
        ]
    )
    func `routes by words`(pattern: String, key: String, matches: Bool) {
        #expect(TopicPattern(pattern).matches(key) == matches)
    }

    private static func broker() -> InMemoryBroker {
        InMemoryBroker(topology: BrokerConformance.topology, subscriptions: ["rekey.step.one"])
    }

    @Test func `repeats what it is told to repeat`() async throws {
        let broker = Self.broker()
        let running = try await RunningBroker(broker)
        broker.duplicate(copies: 3)
        _ = await broker.publish([BrokerConformance.event("a", to: "one")])
        try await running.collect(3)
        #expect(running.ids == ["a", "a", "a"])
        try await running.stop()
    }

    @Test func `shuffles the same way for the same seed`() async throws {
        var orders: [[String]] = []
        for seed in [1, 1, 2] as [UInt64] {
            let broker = Self.broker()
            broker.shuffle(seed: seed)
            let sender = try await RunningBroker(broker.peer())
            _ = await sender.broker.publish(
                (0..<20).map { BrokerConformance.event("\($0)", to: "one") }
            )
            let running = try await RunningBroker(broker)
            try await running.collect(20)
            orders.append(running.ids)
            try await running.stop()
            try await sender.stop()
        }
        #expect(orders[0] == orders[1])
        #expect(orders[0] != orders[2])
        #expect(Set(orders[0]).count == 20)
    }

    @Test func `blocks, and loses confirms, when told`() async throws {
        let broker = Self.broker()
        let running = try await RunningBroker(broker)
        broker.block("low on memory")
        let event = BrokerConformance.event("a", to: "one")
        #expect(broker.state.blockedReason == "low on memory")
        #expect(await broker.publish([event]) == [.refused("connection.blocked")])
        broker.block(nil)
        broker.loseConfirms(1)
        let outcomes = await broker.publish([event, event])
        #expect(outcomes.last == .confirmed)
        #expect(outcomes.first != .confirmed)
        try await running.collect(2)
        try await running.stop()
    }
}
