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

/// An event of the saga, by which a rotation's lane may be able to go on.
struct WakeUp: Sendable {
    let rotation: RotationID
    let lane: Lane
    let event: EventID
    let isUrgent: Bool
}

/// Puts what comes from outside into the inbox, acknowledges it, and has it worked on.
///
/// In that order. An event of the saga itself only wakes: what it says was committed to this
/// journal before it was published, so that it needs no row of its own. Where the process dies
/// after the acknowledgement, the next one wakes whatever is open, and the sweeper whatever nobody
/// wakes.
final class Intake: Sendable {
    private let journal: any Journal
    let broker: any Broker
    let settings: WorkerSettings
    let clock: any RekeyPorts.Clock
    let logger: Logger
    let sideQueues: SideQueues
    private let begin: @Sendable (InboxEntry) -> Void
    private let wake: @Sendable (WakeUp) -> Void
    private let arrived = Mutex<[Delivery]>([])
    private let signal = Signal()

    init(
        journal: any Journal,
        broker: any Broker,
        settings: WorkerSettings,
        clock: any RekeyPorts.Clock,
        logger: Logger,
        sideQueues: SideQueues = [:],
        begin: @escaping @Sendable (InboxEntry) -> Void,
        wake: @escaping @Sendable (WakeUp) -> Void
    ) {
        self.journal = journal
        self.broker = broker
        self.settings = settings
        self.clock = clock
        self.logger = logger
        self.sideQueues = sideQueues
        self.begin = begin
        self.wake = wake
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
        var accepted: [(delivery: Delivery, entries: [InboxEntry])] = []
        var wakeUps: [WakeUp] = []
        var done: [Delivery.Tag] = []
        var missed: [Delivery] = []
        for (queue, count) in Dictionary(batch.map { ($0.queue, 1) }, uniquingKeysWith: +) {
            Measure.count(.deliveries, ["queue": label(of: queue)], by: count)
        }
        for delivery in batch {
            if let size = delivery.oversize {
                await refuse(delivery, size)
                continue
            }
            if let side = sideQueues[delivery.queue] {
                await side(delivery)
                done.append(delivery.tag)
                continue
            }
            do {
                if let wakeUp = try await wakeUp(by: delivery) {
                    wakeUps.append(wakeUp)
                    done.append(delivery.tag)
                } else {
                    accepted.append((delivery, try entries(of: delivery)))
                }
            } catch let failure as EventFailure {
                await park(delivery, failure)
            } catch {
                note(error)
                missed.append(delivery)
            }
        }
        if !done.isEmpty { await broker.acknowledge(done) }
        for wakeUp in wakeUps { wake(wakeUp) }
        missed += await store(accepted)
        if !missed.isEmpty { await putBack(missed) }
    }

    /// Returns what could not be stored.
    private func store(
        _ accepted: [(delivery: Delivery, entries: [InboxEntry])]
    ) async -> [Delivery] {
        guard !accepted.isEmpty else { return [] }
        let entries = accepted.flatMap(\.entries)
        do throws(JournalFailure) {
            let isNew = try await journal.receive(entries)
            await broker.acknowledge(accepted.map(\.delivery.tag))
            for (entry, isNew) in zip(entries, isNew) where isNew { begin(entry) }
            return []
        } catch .unwritable(let what) {
            return await storeEach(accepted, what)
        } catch {
            note(error)
            return accepted.map(\.delivery)
        }
    }

    /// Finds what the journal cannot keep, and parks it: it would fail for ever, and keep all that
    /// came with it from being stored.
    private func storeEach(
        _ accepted: [(delivery: Delivery, entries: [InboxEntry])],
        _ what: String
    ) async -> [Delivery] {
        guard accepted.count > 1 else {
            for (delivery, _) in accepted { await park(delivery, .unwritable(what)) }
            return []
        }
        var missed: [Delivery] = []
        for one in accepted { missed += await store([one]) }
        return missed
    }

    private func note(_ error: any Error) {
        logger.error("the journal does not answer", metadata: ["failure.reason": "\(error)"])
    }

    /// Unacknowledged, so the broker still has them: they are taken again after a pause.
    private func putBack(_ deliveries: [Delivery]) async {
        arrived.withLock { $0.insert(contentsOf: deliveries, at: 0) }
        // Cancelled while waiting: the broker delivers them to the next process.
        try? await clock.sleep(until: clock.now + settings.relayPauseSeconds)
        signal.raise()
    }

    private func entries(of delivery: Delivery) throws(EventFailure) -> [InboxEntry] {
        // The exchange shares the queue's name, and permissions go by name: whoever may write it
        // could bind another exchange to the queue. The empty name is a replay.
        guard [SagaBus.intake, ""].contains(delivery.exchange) else {
            throw .malformed("it came by the exchange \(delivery.exchange)")
        }
        if delivery.exchange.isEmpty { noteReplay(delivery) }
        var entries: [InboxEntry] = []
        for event in try IntakeParser.events(in: delivery.body) {
            let user = firstUser(of: delivery)
            guard let id = InboxEntry.ID(of: event, publishedBy: user) else {
                throw .unknownType(event.type.name)
            }
            try checkTime(of: event, delivery)
            entries.append(
                InboxEntry(
                    id: id,
                    type: event.type,
                    rotation: event.content.rotation.map { RotationID($0) },
                    body: event.encoded(),
                    userID: user,
                    replayedBy: replayer(of: delivery),
                    isUrgent: event.content.reason == "compromise",
                    receivedAt: clock.now
                )
            )
        }
        return entries
    }

    /// Whom an event of the saga wakes; nil for what is not one.
    ///
    /// Its envelope says all. Throws an `EventFailure` for one of a rotation that this journal
    /// does not know, and else what the journal threw.
    private func wakeUp(by delivery: Delivery) async throws -> WakeUp? {
        guard let (lane, isUrgent) = SagaBus.lane(of: delivery.queue), lane != .step(.admit) else {
            return nil
        }
        guard let id = delivery.properties.messageID, delivery.properties.type != nil,
            let rotation = delivery.properties.correlationID.map({ RotationID($0) })
        else { throw EventFailure.malformed("message id, type or correlation id is missing") }
        // A journal may be unable to look for it.
        guard !rotation.text.holdsControlCharacter else {
            throw EventFailure.malformed("the correlation id holds a control character")
        }
        guard try await journal.reader.rotation(rotation) != nil else {
            throw EventFailure.unknownRotation(rotation.text)
        }
        return WakeUp(
            rotation: rotation,
            lane: lane,
            event: EventID(id),
            isUrgent: isUrgent
        )
    }

    /// Who published an event, as the broker checked it; nil where nobody vouches.
    ///
    /// What comes by the default exchange was replayed: who published it first is beside it, and is
    /// believed where Rekey itself replayed it.
    func firstUser(of delivery: Delivery) -> String? {
        let properties = delivery.properties
        guard delivery.exchange.isEmpty else { return properties.userID }
        return isOwnReplay(delivery) ? properties.headers[EventProperties.firstUserHeader] : nil
    }

    /// Whether it came by the default exchange, and from this installation's own user.
    func isOwnReplay(_ delivery: Delivery) -> Bool {
        guard delivery.exchange.isEmpty, let own = settings.brokerUser else { return false }
        return delivery.properties.isCopy(by: own)
    }

    /// Who published an event again, as the broker checked it; nil where nobody did.
    private func replayer(of delivery: Delivery) -> String? {
        delivery.exchange.isEmpty ? delivery.properties.userID ?? "nobody known" : nil
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
}
