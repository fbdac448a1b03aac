import Foundation
import Logging
import RekeyCore
package import RekeyPorts
import RekeyTelemetry
import Synchronization

/// Queues beside the saga's, such as the sites' answers, and who takes what is in them.
///
/// What is lost there with the process has to be asked for again by whoever needs it.
package typealias SideQueues = [String: @Sendable (Delivery) async -> Void]

/// Puts deliveries into the inbox, acknowledges them, and has them worked on.
///
/// In that order.
final class Intake: Sendable {
    private let journal: any Journal
    private let broker: any Broker
    private let settings: WorkerSettings
    private let clock: any RekeyPorts.Clock
    private let logger: Logger
    private let sideQueues: SideQueues
    private let begin: @Sendable (InboxEntry) -> Void
    private let arrived = Mutex<[Delivery]>([])
    private let signal = Signal()

    init(
        journal: any Journal,
        broker: any Broker,
        settings: WorkerSettings,
        clock: any RekeyPorts.Clock,
        logger: Logger,
        sideQueues: SideQueues = [:],
        begin: @escaping @Sendable (InboxEntry) -> Void
    ) {
        self.journal = journal
        self.broker = broker
        self.settings = settings
        self.clock = clock
        self.logger = logger
        self.sideQueues = sideQueues
        self.begin = begin
    }

    /// Runs until the broker's deliveries end.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepStoring() }
            for await delivery in broker.deliveries {
                arrived.withLock { $0.append(delivery) }
                signal.raise()
            }
            group.cancelAll()
        }
    }

    private func keepStoring() async {
        while !Task.isCancelled {
            await signal.wait()
            // A journal that fails leaves the batch here: it must not keep a shutdown waiting.
            while !Task.isCancelled {
                let batch = arrived.withLock { arrived in
                    let batch = Array(arrived.prefix(settings.intakeBatch))
                    arrived.removeFirst(batch.count)
                    return batch
                }
                guard !batch.isEmpty else { break }
                await take(batch)
            }
        }
    }

    private func take(_ batch: [Delivery]) async {
        var accepted: [(tag: Delivery.Tag, entries: [InboxEntry])] = []
        for delivery in batch {
            if let side = sideQueues[delivery.queue] {
                await side(delivery)
                await broker.acknowledge([delivery.tag])
                continue
            }
            do {
                accepted.append((delivery.tag, try entries(of: delivery)))
            } catch {
                await park(delivery, error)
            }
        }
        let entries = accepted.flatMap(\.entries)
        do {
            let isNew = try await journal.receive(entries)
            await broker.acknowledge(accepted.map(\.tag))
            for (entry, isNew) in zip(entries, isNew) where isNew { begin(entry) }
        } catch {
            // Unacknowledged, so the broker still has them: they come again after a pause.
            logger.error("the inbox cannot be written", metadata: ["failure.reason": "\(error)"])
            arrived.withLock { $0.insert(contentsOf: batch, at: 0) }
            try? await clock.sleep(until: clock.now + settings.relayPauseSeconds)
            signal.raise()
        }
    }

    private func entries(of delivery: Delivery) throws(EventFailure) -> [InboxEntry] {
        if let (lane, isUrgent) = SagaBus.lane(of: delivery.queue), lane != .step(.admit) {
            return [try sagaEntry(delivery, lane, isUrgent)]
        }
        // The exchange shares the queue's name, and permissions go by name: whoever may write it
        // could bind another exchange to the queue. The empty name is a replay.
        guard [SagaBus.intake, ""].contains(delivery.exchange) else {
            throw .malformed("it came by the exchange \(delivery.exchange)")
        }
        if delivery.exchange.isEmpty { noteReplay(delivery) }
        var entries: [InboxEntry] = []
        for event in try IntakeParser.events(in: delivery.body) {
            guard let lane = Self.lane(of: event.type) else { throw .unknownType(event.type.name) }
            entries.append(
                InboxEntry(
                    id: .init(lane: lane, event: event.id),
                    type: event.type,
                    rotation: event.content.rotation.map { RotationID($0) },
                    body: event.encoded(),
                    userID: firstUser(of: delivery),
                    isUrgent: event.content.reason == "compromise",
                    receivedAt: clock.now
                )
            )
        }
        return entries
    }

    /// An event of the saga only wakes: its envelope says all, and its body need not be kept.
    private func sagaEntry(
        _ delivery: Delivery,
        _ lane: Lane,
        _ isUrgent: Bool
    ) throws(EventFailure) -> InboxEntry {
        let properties = delivery.properties
        guard let id = properties.messageID, let type = properties.type,
            let rotation = properties.correlationID
        else { throw .malformed("message id, type or correlation id is missing") }
        return InboxEntry(
            id: .init(lane: lane.description, event: EventID(id)),
            type: EventType(type),
            rotation: RotationID(rotation),
            body: [],
            userID: properties.userID,
            isUrgent: isUrgent,
            receivedAt: clock.now
        )
    }

    /// Who published an event, as the broker checked it; nil where nobody vouches.
    ///
    /// What comes by the default exchange was replayed: who published it first is beside it, and is
    /// believed where the user that replayed it is one of ours.
    private func firstUser(of delivery: Delivery) -> String? {
        let properties = delivery.properties
        guard delivery.exchange.isEmpty else { return properties.userID }
        guard let user = properties.userID, settings.replayUsers.contains(user) else { return nil }
        return properties.headers[EventProperties.firstUserHeader]
    }

    private func noteReplay(_ delivery: Delivery) {
        logger.notice(
            "an event was replayed",
            metadata: [
                "event.id": "\(delivery.parkedID)",
                "broker.user": "\(delivery.properties.userID ?? "")",
                "event.user": "\(firstUser(of: delivery) ?? "")",
            ]
        )
    }

    /// Which of the intake's lanes takes an event; nil for a type that nobody takes.
    static func lane(of type: EventType) -> String? {
        switch type {
        case .rotationRequested, .secretNearExpiry: "admit"
        case .commandIssued: "command"
        default: nil
        }
    }

    /// Publishes a copy with the reason beside it, then acknowledges; else the broker parks it.
    private func park(_ delivery: Delivery, _ failure: EventFailure) async {
        var properties = delivery.properties
        properties.setFirstUser(firstUser(of: delivery))
        properties.messageID = delivery.parkedID
        properties.headers["rekey-parked-reason"] = "\(failure)"
        properties.headers["rekey-parked-from"] = delivery.queue
        properties.headers["rekey-parked-at"] = Timestamp.text(clock.now)
        let copy = Publication(
            exchange: SagaBus.dead,
            routingKey: delivery.queue,
            body: delivery.body,
            properties: properties
        )
        Measure.count(.parked, ["queue": delivery.queue])
        logger.error(
            "an event was parked",
            metadata: ["broker.queue": "\(delivery.queue)", "failure.reason": "\(failure)"]
        )
        if await broker.publish([copy]) == [.confirmed] {
            await broker.acknowledge([delivery.tag])
        } else {
            await broker.reject(delivery.tag)
        }
    }
}
