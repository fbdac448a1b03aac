import Foundation
import Logging
import RekeyCore
import RekeyPorts
import Synchronization

/// Publishes what the outbox holds, and takes it out once the broker has it.
///
/// What this process commits it is handed; what an earlier one left, and what did not arrive, it
/// reads from the table (`OutboxFeed`).
/// While one batch waits for its confirms the next is published, so that the broker's window does
/// not run empty; of one rotation only one batch is under way, so that its events keep their order.
final class Relay: Sendable {
    private let journal: any Journal
    private let broker: any Broker
    private let settings: WorkerSettings
    private let clock: any RekeyPorts.Clock
    private let outbox: OutboxFeed
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// Published or being taken out of the outbox.
        var underWay: Set<EventID> = []
        var rotations: Set<RotationID> = []
        var batches = 0
        /// What the broker has not taken, as of the last attempt.
        var refused: Set<EventID> = []
    }

    init(
        journal: any Journal,
        broker: any Broker,
        settings: WorkerSettings,
        clock: any RekeyPorts.Clock,
        outbox: OutboxFeed,
        logger: Logger
    ) {
        self.journal = journal
        self.broker = broker
        self.settings = settings
        self.clock = clock
        self.outbox = outbox
        self.logger = logger
    }

    /// Runs until the task is cancelled.
    func run() async throws {
        outbox.raise()
        try await withThrowingDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await outbox.wait()
                while mayBegin, let batch = try await nextBatch() {
                    group.addTask { await self.send(batch) }
                }
            }
        }
    }

    /// Publishes what is left, until the outbox is empty or the time is over.
    func flush(within seconds: Double) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // What could not be published stays in the outbox for the next process.
                while !Task.isCancelled, let batch = try? await self.nextBatch() {
                    await self.send(batch)
                }
            }
            group.addTask { try? await self.clock.sleep(until: self.clock.now + seconds) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Whether to begin a batch now: with anything where nothing is under way, and else with
    /// enough to fill the broker's window.
    private var mayBegin: Bool {
        switch state.withLock({ $0.batches }) {
        case 0: outbox.hasRows
        case ..<Self.batchesAtOnce: outbox.freshCount >= Self.worthwhileRows
        default: false
        }
    }

    /// The rows that may go now, as of now under way; nil where there are none.
    private func nextBatch() async throws -> [OutboxRow]? {
        while outbox.beginReading() {
            if let batch = await readBatch() { return batch.isEmpty ? nil : batch }
            try await clock.sleep(until: clock.now + settings.relayPauseSeconds)
        }
        let held = state.withLock { $0.rotations }
        let batch = outbox.take(settings.relayBatch, without: held)
        begin(batch)
        return batch.isEmpty ? nil : batch
    }

    /// The rows of the table that may go now, as of now under way; nil where it cannot be read.
    private func readBatch() async -> [OutboxRow]? {
        // What is under way now may be out of the table, and no more under way, after the read.
        let underWay = state.withLock { $0.underWay }
        let refusedCount = state.withLock { $0.refused.count }
        let limit = settings.relayBatch + underWay.count + outbox.knownCount + refusedCount
        let rows: [OutboxRow]
        do {
            rows = try await journal.reader.outbox(limit: limit)
        } catch {
            outbox.fallBehind()
            logger.warning(
                "the outbox cannot be read",
                metadata: ["failure.reason": "\(error)"]
            )
            return nil
        }
        let (batch, isPassedOver) = state.withLock { state in
            // What another worker has published meanwhile is not there any more.
            if rows.count < limit { state.refused.formIntersection(rows.map(\.event)) }
            let open = outbox.unknown(of: rows).filter {
                !underWay.contains($0.event) && !state.underWay.contains($0.event)
            }
            let free = open.filter { row in
                row.rotation.map { !state.rotations.contains($0) } ?? true
            }
            let batch = Self.refusedLast(free, state.refused).prefix(settings.relayBatch)
            return (Array(batch), batch.count < open.count)
        }
        // There may be more where this is as much as was asked for.
        if isPassedOver || rows.count >= limit { outbox.fallBehind() }
        begin(batch)
        return batch
    }

    /// The rows with those behind all others that the broker did not take, and what follows them
    /// in their rotations: else as many as a batch holds would be all that is ever tried.
    private static func refusedLast(
        _ rows: [OutboxRow],
        _ refused: Set<EventID>
    ) -> [OutboxRow] {
        guard !refused.isEmpty else { return rows }
        var held: Set<RotationID> = []
        var first: [OutboxRow] = []
        var last: [OutboxRow] = []
        for row in rows {
            let isHeld = row.rotation.map(held.contains) ?? false
            if isHeld || refused.contains(row.event) {
                last.append(row)
                if let rotation = row.rotation { held.insert(rotation) }
            } else {
                first.append(row)
            }
        }
        return first + last
    }

    private func begin(_ batch: [OutboxRow]) {
        guard !batch.isEmpty else { return }
        state.withLock { state in
            state.underWay.formUnion(batch.map(\.event))
            state.rotations.formUnion(batch.compactMap(\.rotation))
            state.batches += 1
        }
    }

    /// Publishes a batch and takes out what arrived; waits a while where something did not.
    private func send(_ rows: [OutboxRow]) async {
        let outcomes = await broker.publish(rows.map(publication))
        var sent: [EventID] = []
        var left: [EventID] = []
        var trouble: String?
        for (row, outcome) in zip(rows, outcomes) {
            switch outcome {
            case .confirmed: sent.append(row.event)
            case .returned where !row.mustArrive: sent.append(row.event)
            case .returned:
                left.append(row.event)
                trouble = "\(row.type) found no queue"
            case .refused(let why), .unknown(let why):
                left.append(row.event)
                trouble = why
            case .unpublishable(let why):
                // It would hold up all others for ever; the sweeper wakes what it would have woken.
                sent.append(row.event)
                logger.error(
                    "an event cannot be published, and is given up",
                    metadata: [
                        "event.id": "\(row.event)", "event.type": "\(row.type)",
                        "failure.reason": "\(why)",
                    ]
                )
            }
        }
        state.withLock { state in
            state.refused.subtract(sent)
            state.refused.formUnion(left)
        }
        if let trouble {
            logger.warning(
                "publications are waiting",
                metadata: ["failure.reason": "\(trouble)"]
            )
            await takeOut(sent)
            await pause()
            // Before another row of their rotations may go: they are the older ones.
            outbox.fallBehind()
        }
        state.withLock { state in
            state.batches -= 1
            state.underWay.subtract(left)
            state.rotations.subtract(rows.compactMap(\.rotation))
        }
        outbox.raise()
        if trouble == nil { await takeOut(sent) }
    }

    /// Tells the journal what the broker has; where that fails it is published once more.
    private func takeOut(_ sent: [EventID]) async {
        guard !sent.isEmpty else { return }
        do {
            try await journal.commit([.sent(sent)], under: nil)
            state.withLock { $0.underWay.subtract(sent) }
        } catch {
            logger.warning(
                "sent rows cannot be taken out",
                metadata: ["failure.reason": "\(error)"]
            )
            await pause()
            state.withLock { $0.underWay.subtract(sent) }
            outbox.fallBehind()
        }
    }

    /// Cancelled while waiting: the next process finds the rows.
    private func pause() async {
        try? await clock.sleep(until: clock.now + settings.relayPauseSeconds)
    }

    private func publication(_ row: OutboxRow) -> Publication {
        Publication(
            exchange: SagaBus.events,
            routingKey: SagaBus.routingKey(of: row.type, urgent: row.isUrgent),
            body: row.body,
            properties: EventProperties(
                messageID: row.event.text,
                type: row.type.name,
                contentType: CloudEvent.contentType,
                correlationID: row.rotation?.text,
                appID: "rekey"
            ),
            // What nobody has to take the broker would send back, body and all.
            mustArrive: row.mustArrive
        )
    }

    /// How many batches may wait for their confirms.
    private static let batchesAtOnce = 2
    /// How many rows make it worth while to read beside a batch that is under way.
    private static let worthwhileRows = 64
}
