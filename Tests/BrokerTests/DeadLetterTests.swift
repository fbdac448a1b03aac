import PortConformance
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import RabbitMQBroker

/// Trap 11 of deploy/rabbitmq/README.md on a real broker, with its guard and without.
@Suite(.timeLimit(.minutes(2))) struct `A dead letter whose parking queue is missing` {
    private static let source = "rekey.step.one"
    private static let parked = "rekey.parked.one"

    /// Rejects an event while its parking queue is missing, and declares the queue again.
    ///
    /// Returns how many events there are, before and after.
    private static func rejected(isGuarded: Bool) async throws -> (before: Int, after: Int) {
        let test = try await TestBroker.fresh()
        // The broker's own pause, before it tries again, is three minutes.
        try await test.server.evaluate(
            "application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 500)"
        )
        var settings = test.settings
        settings.guards.deadLettersAtLeastOnce = isGuarded
        func make() -> RabbitMQBroker {
            RabbitMQBroker(
                settings: settings,
                topology: BrokerConformance.topology,
                subscriptions: [Subscription(source)]
            )
        }
        let running = try await RunningBroker(make())
        try await test.server.deleteQueue(parked, virtualHost: test.virtualHost)
        _ = await running.broker.publish([BrokerConformance.event("a", to: "one")])
        await running.broker.reject(try await running.collect(1)[0].tag)
        if !isGuarded {
            try await running.wait("it is gone") { try await test.count(in: source) == 0 }
        }
        // Once it has been stopped, its acknowledgements have been read.
        try await running.stop()
        let before = try await test.count(in: source)
        let again = try await RunningBroker(make())
        if isGuarded {
            try await again.wait("it is parked") { try await test.count(in: parked) == 1 }
        }
        let after = try await test.count(in: parked)
        try await again.stop()
        return (before, after)
    }

    @Test func `waits for it in the queue that it comes from`() async throws {
        let (before, after) = try await Self.rejected(isGuarded: true)
        #expect(before == 1)
        #expect(after == 1)
    }

    @Test func `is lost without the strategy that waits`() async throws {
        let (before, after) = try await Self.rejected(isGuarded: false)
        #expect(before == 0)
        #expect(after == 0)
    }
}
