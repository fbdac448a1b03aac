import Foundation
import RabbitMQBroker
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// Publishes one request to the worker, and waits for the event that answers it.
struct RequestSession {
    private let broker: RabbitMQBroker
    private let queue: String
    private let user: String
    /// How long a worker has to answer.
    private let patience: Duration

    init(_ assembly: Assembly, _ answer: AnswerOption) async throws {
        patience = .seconds(answer.answerWithin)
        queue = "client.\(UUID().uuidString.lowercased())"
        user = assembly.settings.broker.user
        // The exchanges are the worker's: a client's user may not declare them.
        let topology = Topology(
            queues: [.init(temporary: queue)],
            bindings: Self.answers.map { [queue] type in
                .init(
                    exchange: SagaBus.events,
                    queue: queue,
                    routingKey: SagaBus.binding(to: type)
                )
            }
        )
        broker = RabbitMQBroker(
            settings: try assembly.brokerSettings(connectDeadline: .seconds(5)),
            topology: topology,
            subscriptions: [Subscription(queue)]
        )
    }

    /// What may answer a request for a rotation.
    fileprivate static let decisions: [EventType] = [
        .rotationAccepted, .rotationCoalesced, .rotationDeferred, .rotationDeclined,
    ]

    /// All that a session hears: a client's user may be kept from the rest.
    private static let answers = decisions + [.commandAnswered]

    /// Publishes `event`, and hands its answer to `body`.
    func publish<Result: Sendable>(
        _ event: CloudEvent,
        _ body: @escaping @Sendable (CloudEvent) async throws -> Result
    ) async throws -> Result {
        let (broker, user, patience) = (broker, user, patience)
        return try await withThrowingTaskGroup(of: CloudEvent?.self) { group in
            group.addTask {
                try await broker.run()
                return nil
            }
            group.addTask { try await Self.answer(to: event, as: user, on: broker) }
            group.addTask {
                // A broker that cannot be reached is a failure of another kind, which `run` throws.
                while !broker.state.isConsuming { try await Task.sleep(for: .milliseconds(10)) }
                try await Task.sleep(for: patience)
                guard broker.state.isConsuming else {
                    throw Problem(
                        "the broker was not reached within \(patience): nothing was sent",
                        hint: "is it up, and reachable from here?",
                        code: Problem.outsideSystem
                    )
                }
                let type = event.type.routingKey
                throw Problem(
                    "no worker answered \(type) within \(patience)",
                    hint: """
                        start one with `rekey run`; the request waits for it in the queue, or in \
                        the inbox of one that waits for a vault to answer: `rekey status`
                        """
                )
            }
            defer { group.cancelAll() }
            for try await answer in group {
                guard let answer else { continue }
                group.cancelAll()
                return try await body(answer)
            }
            throw Problem("the broker closed the connection", code: Problem.outsideSystem)
        }
    }

    private static func answer(
        to event: CloudEvent,
        as user: String,
        on broker: RabbitMQBroker
    ) async throws -> CloudEvent? {
        // The answer can only be missed before the queue is bound.
        while !broker.state.isConsuming { try await Task.sleep(for: .milliseconds(10)) }
        let publication = Publication(
            exchange: SagaBus.intake,
            routingKey: event.type.routingKey,
            body: event.encoded(),
            properties: EventProperties(
                messageID: event.id.text,
                type: event.type.name,
                contentType: CloudEvent.contentType,
                appID: "rekey",
                userID: user
            )
        )
        // Whether it arrived is not known where the connection ends meanwhile: a worker takes what
        // has the same id once.
        var outcome = await broker.publish([publication])
        while case .unknown? = outcome.first {
            try await Task.sleep(for: .milliseconds(100))
            outcome = await broker.publish([publication])
        }
        guard outcome == [.confirmed] else {
            throw Problem(
                "the broker did not take the request",
                hint: "is the worker's topology declared? `rekey run` does it",
                code: Problem.outsideSystem
            )
        }
        for await delivery in broker.deliveries {
            await broker.acknowledge([delivery.tag])
            let found = try? CloudEvent(decoding: delivery.body)
            if let found, found.answers(event) { return found }
        }
        return nil
    }
}

extension CloudEvent {
    /// Whether it says what became of `request`, and not only what followed from it.
    fileprivate func answers(_ request: CloudEvent) -> Bool {
        guard causationID == request.id.text else { return false }
        if request.type == .commandIssued { return type == .commandAnswered }
        return RequestSession.decisions.contains(type)
    }
}
