import PortConformance
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import RabbitMQBroker

/// What another attempt cannot mend ends `run` with one clear error.
@Suite(.timeLimit(.minutes(2))) struct `A broker that refuses` {
    private static func failure(
        _ settings: RabbitMQSettings,
        owner: String? = nil
    ) async throws
        -> StepFailure
    {
        let broker = RabbitMQBroker(
            settings: settings,
            topology: BrokerConformance.topology,
            subscriptions: [Subscription("rekey.step.one")],
            ownerQueue: owner
        )
        let failure = try await RunningBroker(broker, isReady: false).failed()
        #expect(!failure.reason.contains("secret"))
        return failure
    }

    @Test func `a password names user, virtual host and node`() async throws {
        let test = try await TestBroker.fresh()
        var settings = test.settings
        settings.password = { Secret(copying: Array("wrong secret".utf8)) }
        let failure = try await Self.failure(settings)
        #expect(failure.kind == .permanent)
        let place = "user \(test.server.user) vhost \(test.virtualHost) "
        #expect(
            failure.reason
                == "amqp_login: 403 ACCESS_REFUSED \(place)127.0.0.1:\(test.server.port)"
        )
    }

    @Test func `a virtual host names it`() async throws {
        var settings = try await TestBroker.fresh().settings
        settings.virtualHost = "/nowhere"
        let failure = try await Self.failure(settings)
        #expect(failure.kind == .permanent)
        #expect(failure.reason.contains("530 NOT_ALLOWED"))
        #expect(failure.reason.contains("vhost /nowhere"))
    }

    @Test func `a second owner says who is in the way, until the first has gone`() async throws {
        let test = try await TestBroker.fresh()
        var settings = test.settings
        settings.ownerPatience = .milliseconds(300)
        func make() -> RabbitMQBroker {
            RabbitMQBroker(
                settings: settings,
                topology: BrokerConformance.topology,
                subscriptions: [Subscription("rekey.step.one")],
                ownerQueue: "rekey.owner"
            )
        }
        let first = try await RunningBroker(make())
        let failure = try await Self.failure(settings, owner: "rekey.owner")
        #expect(failure.kind == .permanent)
        #expect(failure.reason.contains("405 RESOURCE_LOCKED another worker holds rekey.owner"))
        try await first.stop()
        let third = try await RunningBroker(make())
        try await third.stop()
    }

    @Test func `an unreachable node is named, after the deadline`() async throws {
        let port = try FreePort.next()
        var settings = try await TestBroker.fresh().settings
        settings.addresses = [.init(host: "127.0.0.1", port: port)]
        settings.connectDeadline = .milliseconds(500)
        let failure = try await Self.failure(settings)
        #expect(failure.kind == .transient)
        #expect(failure.reason.contains("127.0.0.1:\(port)"))
    }

    @Test func `an unreachable node is tried again for ever without a deadline`() async throws {
        let test = try await TestBroker.fresh()
        var settings = test.settings
        settings.publishWait = .milliseconds(100)
        settings.addresses = [.init(host: "127.0.0.1", port: try FreePort.next())]
        let broker = RabbitMQBroker(settings: settings, topology: BrokerConformance.topology)
        let running = try await RunningBroker(broker, isReady: false)
        try await running.wait("it says why") { broker.state.lastFailure != nil }
        let outcomes = await broker.publish([BrokerConformance.event("a", to: "one")])
        guard case .unknown(let reason)? = outcomes.first else {
            Issue.record("not unknown: \(outcomes)")
            return
        }
        #expect(reason.contains("127.0.0.1"))
        try await running.stop()
    }

    @Test func `one node of two is enough`() async throws {
        let test = try await TestBroker.fresh()
        var settings = test.settings
        settings.addresses.insert(.init(host: "127.0.0.1", port: try FreePort.next()), at: 0)
        let broker = RabbitMQBroker(settings: settings, topology: BrokerConformance.topology)
        let running = try await RunningBroker(broker)
        try await running.stop()
    }

    /// A broker whose queues were declared with another limit before.
    private static func overOtherQueues(
        _ test: TestBroker,
        consuming queues: [String]
    ) async throws -> RabbitMQBroker {
        var settings = test.settings
        settings.guards.deliveryLimit = .integer(5)
        let first = RabbitMQBroker(settings: settings, topology: BrokerConformance.topology)
        try await RunningBroker(first).stop()
        return RabbitMQBroker(
            settings: test.settings,
            topology: BrokerConformance.topology,
            subscriptions: queues.map { Subscription($0) }
        )
    }

    @Test func `a queue that differs is used, and the difference is told`() async throws {
        let test = try await TestBroker.fresh()
        let second = try await Self.overOtherQueues(test, consuming: ["rekey.step.one"])
        let running = try await RunningBroker(second)
        #expect(
            second.state.drift == [
                "rekey.step.one: x-delivery-limit is 5, want 20",
                "rekey.step.two: x-delivery-limit is 5, want 20",
            ]
        )
        _ = await second.publish([BrokerConformance.event("a", to: "one")])
        try await running.collect(1)
        try await running.stop()
    }

    // The declaration of the queue that differs closed the channel, and only the deleted one was
    // consumed on the next.
    @Test func `a queue that differs does not end the others when one is deleted`() async throws {
        let test = try await TestBroker.fresh()
        let queues = ["rekey.step.one", "rekey.step.two"]
        let second = try await Self.overOtherQueues(test, consuming: queues)
        let running = try await RunningBroker(second)
        try await test.server.deleteQueue("rekey.step.one", virtualHost: test.virtualHost)
        let left = ["rekey.step.two: x-delivery-limit is 5, want 20"]
        try await running.wait("the deleted queue is there again") {
            second.state.isConsuming && second.state.drift == left
        }
        let outcomes = await second.publish([
            BrokerConformance.event("a", to: "one"), BrokerConformance.event("b", to: "two.x"),
        ])
        #expect(outcomes == [.confirmed, .confirmed])
        try await running.collect(2)
        try await running.stop()
    }

    @Test func `a rotated password is asked for again`() async throws {
        let test = try await TestBroker.fresh()
        let user = "rotating"
        try await test.server.addUser(user, password: "first")
        try await test.server.setPermissions(user, virtualHost: test.virtualHost)
        let current = Answerable("first")
        var settings = test.settings
        settings.user = user
        settings.refusalBackoff = .milliseconds(50)
        settings.password = { Secret(copying: Array(current.text.utf8)) }
        let broker = RabbitMQBroker(
            settings: settings,
            topology: BrokerConformance.topology,
            subscriptions: [Subscription("rekey.step.one")]
        )
        let running = try await RunningBroker(broker)
        try await test.server.addUser(user, password: "second")
        try await test.cut()
        try await running.wait("it is refused") {
            broker.state.lastFailure?.contains("403") == true
        }
        current.text = "second"
        try await BrokerConformance.reconnect(running)
        try await running.stop()
    }
}
