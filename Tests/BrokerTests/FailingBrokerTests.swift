import PortConformance
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import RabbitMQBroker

/// A node that is restarted, cut off, full or frozen in mid-flow: on one of its own.
@Suite(.serialized, .timeLimit(.minutes(4))) struct `A broker that fails in mid-flow` {
    private static let count = 2_000
    private static let node = Task { try await PrivateRabbitMQ.start() }

    private static func fresh() async throws -> TestBroker {
        try await TestBroker.on(node.value)
    }

    /// Publishes and consumes while `disturb` does its worst, and then counts.
    private static func flow(
        _ test: TestBroker,
        _ change: (inout RabbitMQSettings) -> Void = { _ in },
        disturb: @escaping @Sendable (EventFlow) async throws -> Void
    ) async throws {
        var settings = test.settings
        change(&settings)
        let flow = EventFlow(settings)
        let publisher = Task { try await flow.publish(count) }
        try await eventually("it flows") { flow.receivedCount > 100 }
        try await disturb(flow)
        try await publisher.value
        #expect(try await flow.settle() == [])
        try await eventually(within: .seconds(60), "nothing is left") {
            try await test.count(in: "rekey.step.one") == 0
        }
        #expect(try await test.count(in: "rekey.parked.one") == 0)
    }

    @Test func `loses nothing when connections are cut`() async throws {
        let test = try await Self.fresh()
        try await Self.flow(test) { flow in
            for _ in 1...5 {
                let before = flow.receivedCount
                try await test.cut()
                try await eventually("it goes on") {
                    flow.receivedCount >= min(before + 50, Self.count)
                }
            }
        }
    }

    @Test func `loses nothing when it is restarted`() async throws {
        let test = try await Self.fresh()
        try await Self.flow(test) { _ in try await test.server.restart() }
    }

    @Test func `loses nothing when it is killed`() async throws {
        let test = try await Self.fresh()
        try await Self.flow(test) { _ in
            try await test.server.kill()
            try await test.server.launch()
        }
    }

    // Nobody tells of it: every event came back, until somebody made the worker connect again.
    @Test func `leads events to their queue again when its binding is deleted`() async throws {
        let test = try await Self.fresh()
        try await Self.flow(test) { _ in
            let count = try await test.server.deleteBindings(
                from: "rekey.events",
                toQueues: "rekey.step.",
                virtualHost: test.virtualHost
            )
            #expect(count > 0)
        }
    }

    @Test func `loses nothing when a queue is deleted between two events`() async throws {
        let test = try await Self.fresh()
        let flow = EventFlow(test.settings)
        try await flow.publish(200, prefix: "before-")
        try await eventually("all came") { flow.receivedCount == 200 }
        try await eventually("the queue is empty") {
            try await test.count(in: "rekey.step.one") == 0
        }
        try await test.server.deleteQueue("rekey.step.one", virtualHost: test.virtualHost)
        try await flow.publish(200, prefix: "after-")
        #expect(try await flow.settle() == [])
    }

    @Test func `loses nothing when it freezes, and says so meanwhile`() async throws {
        let test = try await Self.fresh()
        try await Self.flow(test) { settings in
            settings.heartbeatSeconds = 1
            settings.guards.shortestCallLimit = .seconds(1)
            settings.rpcTimeout = .seconds(2)
            settings.handshakeTimeout = .seconds(2)
            settings.publishWait = .seconds(1)
        } disturb: { flow in
            await test.server.pause()
            try await eventually("it is noticed") {
                !flow.broker.state.isConsuming && !flow.broker.state.isPublishing
            }
            #expect(flow.broker.state.lastFailure != nil)
            await test.server.resume()
        }
    }

    // Row 7: on a blocked connection acknowledgements are not read either.
    // Row 8: an alarm is a pause, and no reason to give a confirm up.
    @Test(arguments: [true, false])
    func `with an alarm takes acknowledgements and confirms later`(isGuarded: Bool) async throws {
        let test = try await Self.fresh()
        var settings = test.settings
        settings.confirmTimeout = .milliseconds(300)
        settings.publishWait = .milliseconds(300)
        settings.guards.pausesTimeoutsWhileBlocked = isGuarded
        let broker = RabbitMQBroker(
            settings: settings,
            topology: BrokerConformance.topology,
            subscriptions: [Subscription("rekey.step.one")]
        )
        let running = try await RunningBroker(broker)
        _ = await broker.publish((1...10).map { BrokerConformance.event("\($0)", to: "one") })
        try await running.collect(10)
        try await test.server.setMemoryAlarm(true)
        let first = Answer()
        let publisher = Task {
            first.set(await broker.publish([BrokerConformance.event("first", to: "one")]))
        }
        if isGuarded {
            try await running.wait("it is blocked") { broker.state.blockedReason != nil }
            await broker.acknowledge(running.deliveries.map(\.tag))
            try await running.wait("the acknowledgements were read") {
                try await test.count(in: "rekey.step.one") == 0
            }
            let second = await broker.publish([BrokerConformance.event("second", to: "one")])
            #expect(second == [.refused("connection.blocked")])
            #expect(first.value == nil)
        } else {
            try await running.wait("it is given up") { first.value != nil }
        }
        try await test.server.setMemoryAlarm(false)
        await publisher.value
        #expect((first.value == [.confirmed]) == isGuarded)
        try await BrokerConformance.reconnect(running)
        #expect(broker.state.blockedReason == nil)
        try await running.stop()
    }

    @Test func `that is away at first is waited for`() async throws {
        let test = try await Self.fresh()
        try await test.server.stop()
        let broker = RabbitMQBroker(settings: test.settings, topology: BrokerConformance.topology)
        let running = try await RunningBroker(broker, isReady: false)
        try await running.wait("it says why") { broker.state.lastFailure != nil }
        try await test.server.launch()
        try await running.wait("it publishes") { broker.state.isPublishing }
        #expect(broker.state.lastFailure == nil)
        try await running.stop()
    }
}
