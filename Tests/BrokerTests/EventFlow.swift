import PortConformance
import RealParts
import RekeyPorts
import Synchronization

@testable import RabbitMQBroker

/// A publisher that repeats until it is confirmed, and a reader that acknowledges all: the two
/// halves of the outbox and the inbox, so that losses and copies can be counted.
final class EventFlow: Sendable {
    let broker: RabbitMQBroker
    private let attempts = Mutex<[String: Int]>([:])
    private let copies = Received()
    private let runner: Task<Void, any Error>
    private let reader: Task<Void, Never>

    init(_ settings: RabbitMQSettings) {
        let broker = RabbitMQBroker(
            settings: settings,
            topology: BrokerConformance.topology,
            subscriptions: [Subscription("rekey.step.one")]
        )
        self.broker = broker
        runner = Task { try await broker.run() }
        reader = Task { [received = copies] in
            for await delivery in broker.deliveries {
                received.note(delivery)
                await broker.acknowledge([delivery.tag])
            }
        }
    }

    var receivedCount: Int { copies.count }

    /// Publishes `count` events in pieces, each until it is confirmed, for at most a minute.
    func publish(_ count: Int, prefix: String = "") async throws {
        for start in stride(from: 0, to: count, by: 20) {
            var open = (start..<min(start + 20, count)).map { "\(prefix)\($0)" }
            try await eventually(within: .seconds(60), "\(open.count) are confirmed") {
                attempts.withLock { attempts in
                    for id in open { attempts[id, default: 0] += 1 }
                }
                let outcomes = await broker.publish(
                    open.map { BrokerConformance.event($0, to: "one") }
                )
                open = zip(open, outcomes).filter { $0.1 != .confirmed }.map(\.0)
                return open.isEmpty
            }
        }
    }

    /// Waits until all have arrived; returns what went wrong, which should be nothing.
    func settle() async throws -> [String] {
        let wanted = attempts.withLock { $0 }
        try await eventually(within: .seconds(60), "all \(wanted.count) have arrived") {
            copies.count == wanted.count
        }
        runner.cancel()
        try await runner.value
        await reader.value
        return copies.complaints(wanted)
    }

    /// What arrived, by id.
    private final class Received: Sendable {
        private let counts = Mutex<[String: (copies: Int, redelivered: Int)]>([:])

        var count: Int { counts.withLock { $0.count } }

        func note(_ delivery: Delivery) {
            let id = delivery.properties.messageID ?? ""
            counts.withLock { counts in
                counts[id, default: (0, 0)].copies += 1
                if delivery.isRedelivered { counts[id, default: (0, 0)].redelivered += 1 }
            }
        }

        /// Each copy must be a publication of ours or a redelivery that says so.
        func complaints(_ attempts: [String: Int]) -> [String] {
            counts.withLock { counts in
                attempts.compactMap { id, attempts in
                    guard let found = counts[id] else { return "\(id) is lost" }
                    guard found.copies > attempts + found.redelivered else { return nil }
                    return "\(id) came \(found.copies) times"
                }
            }
        }
    }
}
