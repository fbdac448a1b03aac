import Foundation
import Logging
import RekeyCore
import RekeyPorts
import Synchronization

/// Publishes what the outbox holds, and takes it out once the broker has it.
///
/// It reads the table, never a list in memory, so that what an earlier process left is sent too.
/// Batches are published in turn; while one is, those before it are taken out of the outbox.
final class Relay: Sendable {
    private let journal: any Journal
    private let broker: any Broker
    private let settings: WorkerSettings
    private let clock: any RekeyPorts.Clock
    private let signal: Signal
    private let logger: Logger
    /// The broker has them, and the journal is being told.
    private let confirmed = Mutex<Set<EventID>>([])

    init(
        journal: any Journal,
        broker: any Broker,
        settings: WorkerSettings,
        clock: any RekeyPorts.Clock,
        signal: Signal,
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
                while let sent = try await publishBatch() {
                    group.addTask { await self.takeOut(sent) }
                }
            }
        }
    }

    /// Publishes what is left, until the outbox is empty or the time is over.
    func flush(within seconds: Double) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // What could not be published stays in the outbox for the next process.
                while let sent = try? await self.publishBatch() { await self.takeOut(sent) }
            }
            group.addTask { try? await self.clock.sleep(until: self.clock.now + seconds) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Publishes one batch, and answers with what has to be taken out.
    ///
    /// Answers nil where nothing is left.
    private func publishBatch() async throws -> [EventID]? {
        let known = confirmed.withLock { $0 }
        let rows: [OutboxRow]
        do {
            rows = try await journal.reader.outbox(limit: settings.relayBatch + known.count)
                .filter { !known.contains($0.event) }
        } catch {
            return try await pause("the outbox cannot be read", "\(error)")
        }
        guard !rows.isEmpty else { return nil }
        let outcomes = await broker.publish(rows.map(publication))
        var sent: [EventID] = []
        var trouble: String?
        for (row, outcome) in zip(rows, outcomes) {
            switch outcome {
            case .confirmed: sent.append(row.event)
            case .returned where !row.mustArrive: sent.append(row.event)
            case .returned: trouble = "\(row.type) found no queue"
            case .refused(let why), .unknown(let why): trouble = why
            }
        }
        confirmed.withLock { $0.formUnion(sent) }
        if let trouble {
            await takeOut(sent)
            return try await pause("publications are waiting", trouble)
        }
        return sent
    }

    /// Tells the journal what the broker has; where that fails it is published once more.
    private func takeOut(_ sent: [EventID]) async {
        guard !sent.isEmpty else { return }
        do {
            try await journal.commit([.sent(sent)], under: nil)
            confirmed.withLock { $0.subtract(sent) }
        } catch {
            logger.warning(
                "sent rows cannot be taken out",
                metadata: ["failure.reason": "\(error)"]
            )
            // Cancelled while waiting: the next process finds the rows.
            try? await clock.sleep(until: clock.now + settings.relayPauseSeconds)
            confirmed.withLock { $0.subtract(sent) }
            signal.raise()
        }
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
            )
        )
    }

    private func pause(_ message: Logger.Message, _ why: String) async throws -> [EventID] {
        logger.warning(message, metadata: ["failure.reason": "\(why)"])
        try await clock.sleep(until: clock.now + settings.relayPauseSeconds)
        return []
    }
}
