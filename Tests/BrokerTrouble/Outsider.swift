import Foundation
import RabbitMQBroker
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

/// Somebody outside, on connections of its own: asks for rotations, and hears every event.
final class Outsider: Sendable {
    /// A durable queue that gets every event.
    static let witness = "client.witness"

    private struct State {
        var bodies: [EventID: [UInt8]] = [:]
        var contradictions: [String] = []
    }

    private let broker: RabbitMQBroker
    private let state = Mutex(State())

    static let topology = Topology(
        exchanges: [.init(SagaBus.events, .topic)],
        queues: [.init(witness, deadLetter: nil)],
        bindings: [.init(exchange: SagaBus.events, queue: witness, routingKey: "#")]
    )

    init(_ settings: RabbitMQSettings) {
        broker = RabbitMQBroker(
            settings: settings,
            topology: Self.topology,
            subscriptions: [Subscription(Self.witness, prefetch: 256)]
        )
    }

    var isReady: Bool { broker.state.isConsuming && broker.state.isPublishing }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.broker.run() }
            group.addTask {
                for await delivery in self.broker.deliveries {
                    self.note(delivery)
                    await self.broker.acknowledge([delivery.tag])
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Asks for a rotation, as a client of the exchange `rekey.intake` does, until it is taken.
    func request(_ credential: CredentialID, number: Int) async throws {
        var content = EventContent()
        content.secret = credential.text
        content.reason = "routine"
        let event = CloudEvent(
            id: EventID("request-\(credential)-\(number)"),
            source: "outsider",
            type: .rotationRequested,
            time: Date(),
            content: content
        )
        let publication = Publication(
            exchange: SagaBus.intake,
            routingKey: EventType.rotationRequested.routingKey,
            body: event.encoded(),
            properties: EventProperties(messageID: event.id.text, type: event.type.name)
        )
        while await broker.publish([publication]).first != .confirmed {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// The facts of a rotation that nobody has told yet.
    func untold(_ id: RotationID, _ history: [RotationEvent]) -> [String] {
        let told = state.withLock { Set($0.bodies.keys.map(\.text)) }
        guard let first = history.first, var after = Rotation(id, startingWith: first) else {
            return ["there is no history"]
        }
        var facts = after.facts(after: first, from: nil).map { (after.number, $0) }
        for event in history.dropFirst() {
            let before = after
            after.fold(event)
            facts += after.facts(after: event, from: before).map { (after.number, $0) }
        }
        return facts.compactMap { number, type in
            let event = UUIDv5.text(in: id.text, [String(number), type.name])
            return told.contains(event) ? nil : "\(type.name) was never told"
        }
    }

    /// Takes the events that were told in two ways.
    func takeContradictions() -> [String] {
        state.withLock { state in
            defer { state.contradictions = [] }
            return state.contradictions
        }
    }

    private func note(_ delivery: Delivery) {
        guard let id = delivery.properties.messageID.map({ EventID($0) }) else { return }
        state.withLock { state in
            if let known = state.bodies[id], known != delivery.body {
                state.contradictions.append("\(id) was told in two ways")
            }
            state.bodies[id] = delivery.body
        }
    }
}
