import Foundation
import Logging
import RekeyCore
import RekeyPorts

/// Publishes what the outbox holds, and marks it sent once the broker has it.
///
/// It reads the table, never a list in memory, so that what an earlier process left is sent too.
struct Relay: Sendable {
    let journal: any Journal
    let broker: any Broker
    let settings: WorkerSettings
    let clock: any RekeyPorts.Clock
    let signal: Signal
    let logger: Logger

    /// Runs until the task is cancelled.
    func run() async throws {
        signal.raise()
        while !Task.isCancelled {
            await signal.wait()
            while try await relayBatch() {}
        }
    }

    /// Publishes what is left, until the outbox is empty or the time is over.
    func flush(within seconds: Double) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // What could not be published stays in the outbox for the next process.
                while (try? await relayBatch()) == true {}
            }
            group.addTask { try? await clock.sleep(until: clock.now + seconds) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Publishes one batch.
    ///
    /// Answers whether there may be more.
    private func relayBatch() async throws -> Bool {
        let rows: [OutboxRow]
        do {
            rows = try await journal.reader.outbox(limit: settings.relayBatch)
        } catch {
            return try await pause("the outbox cannot be read", "\(error)")
        }
        guard !rows.isEmpty else { return false }
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
        do {
            if !sent.isEmpty { try await journal.commit([.sent(sent)], under: nil) }
        } catch {
            return try await pause("sent rows cannot be marked", "\(error)")
        }
        if let trouble { return try await pause("publications are waiting", trouble) }
        return rows.count == settings.relayBatch
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

    private func pause(_ message: Logger.Message, _ why: String) async throws -> Bool {
        logger.warning(message, metadata: ["failure.reason": "\(why)"])
        try await clock.sleep(until: clock.now + settings.relayPauseSeconds)
        return true
    }
}
