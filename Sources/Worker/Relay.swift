import Foundation
import Logging
import RekeyCore
import RekeyPorts
import Synchronization

/// Publishes what the outbox holds, and takes it out once the broker has it.
///
/// It reads the table, never a list in memory, so that what an earlier process left is sent too.
/// While one batch waits for its confirms the next is published, so that the broker's window does
/// not run empty; of one rotation only one batch is under way, so that its events keep their order.
final class Relay: Sendable {
    private let journal: any Journal
    private let broker: any Broker
    private let settings: WorkerSettings
    private let clock: any RekeyPorts.Clock
    private let signal: OutboxSignal
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// Published or being taken out of the outbox.
        var underWay: Set<EventID> = []
        var rotations: Set<RotationID> = []
        var batches = 0
        /// Whether there may be rows that nobody counted: those of an earlier process, and those
        /// that were passed over.
        var isBehind = true
    }

    init(
        journal: any Journal,
        broker: any Broker,
        settings: WorkerSettings,
        clock: any RekeyPorts.Clock,
        signal: OutboxSignal,
        logger: Logger
    ) {
        self.journal = journal
        self.broker = broker
        self.settings = settings
        self.clock = clock
        self.signal = signal
        self.logger = logger
    }

    /// Runs until the task is cancelled.
    func run() async throws {
        signal.raise()
        try await withThrowingDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await signal.wait()
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

    /// Whether to read the outbox now: for anything where nothing is under way, and else for enough
    /// to fill the broker's window.
    private var mayBegin: Bool {
        let rows = signal.rowCount
        return state.withLock { state in
            guard state.batches > 0 else { return rows > 0 || state.isBehind }
            return state.batches < Self.batchesAtOnce && rows >= Self.worthwhileRows
        }
    }

    /// The rows that may go now, as of now under way; nil where there are none.
    private func nextBatch() async throws -> [OutboxRow]? {
        let known = state.withLock { state in
            state.isBehind = false
            return state.underWay.count
        }
        signal.readingBegins()
        let rows: [OutboxRow]
        do {
            rows = try await journal.reader.outbox(limit: settings.relayBatch + known)
        } catch {
            logger.warning(
                "the outbox cannot be read",
                metadata: ["failure.reason": "\(error)"]
            )
            try await clock.sleep(until: clock.now + settings.relayPauseSeconds)
            return try await nextBatch()
        }
        let batch = state.withLock { state in
            let batch = rows.filter { row in
                guard !state.underWay.contains(row.event) else { return false }
                guard let rotation = row.rotation, state.rotations.contains(rotation) else {
                    return true
                }
                state.isBehind = true
                return false
            }
            // There may be more where this is as much as was asked for.
            if rows.count >= settings.relayBatch + known { state.isBehind = true }
            guard !batch.isEmpty else { return batch }
            state.underWay.formUnion(batch.map(\.event))
            state.rotations.formUnion(batch.compactMap(\.rotation))
            state.batches += 1
            return batch
        }
        return batch.isEmpty ? nil : batch
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
            }
        }
        if let trouble {
            logger.warning(
                "publications are waiting",
                metadata: ["failure.reason": "\(trouble)"]
            )
            await takeOut(sent)
            await pause()
        }
        state.withLock { state in
            state.batches -= 1
            state.underWay.subtract(left)
            state.rotations.subtract(rows.compactMap(\.rotation))
            if trouble != nil { state.isBehind = true }
        }
        signal.raise()
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
            state.withLock { state in
                state.underWay.subtract(sent)
                state.isBehind = true
            }
            signal.raise()
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
