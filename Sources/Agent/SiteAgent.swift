import Foundation
package import Logging
import RekeyCore
import RekeyPlatform
package import RekeyPorts

/// Takes what the worker hands to this site: verifies, writes, runs, remembers, answers.
///
/// In that order, and a delivery is acknowledged last: whatever the agent dies between, the same
/// delivery comes again and leads to the same end.
package struct SiteAgent: Sendable {
    private let settings: AgentSettings
    private let broker: any Broker
    private let clock: any RekeyPorts.Clock
    private let logger: Logger
    private let journal: AgentJournal

    package init(
        _ settings: AgentSettings,
        broker: any Broker,
        clock: any RekeyPorts.Clock,
        logger: Logger
    ) {
        self.settings = settings
        self.broker = broker
        self.clock = clock
        self.logger = logger
        journal = AgentJournal(directory: settings.directory)
    }

    /// The queue that an agent of `site` consumes.
    package static func queue(of site: String) -> String { "rekey.site.\(site)" }

    /// Runs until it is cancelled, or the broker cannot be mended by trying again.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broker.run() }
            group.addTask {
                for await delivery in broker.deliveries { await take(delivery) }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Does one delivery, and answers it.
    ///
    /// What is forged or old goes to the dead letters, and what has expired nowhere.
    func take(_ delivery: Delivery) async {
        do {
            let order = try verified(delivery.body)
            guard order.expires > clock.now.timeIntervalSince1970 else {
                // Parked, what is sealed would lie there; the worker makes it anew where it is due.
                logger.warning("a delivery has expired")
                return await broker.acknowledge([delivery.tag])
            }
            guard let answer = try await act(on: order) else {
                logger.error("a delivery is older than the last one")
                return await broker.reject(delivery.tag)
            }
            try await persistently { () throws(AgentFailure) in
                let outcome = await broker.publish([publication(of: answer)]).first
                guard outcome == .confirmed else {
                    throw AgentFailure("an answer could not be published")
                }
            }
            await broker.acknowledge([delivery.tag])
        } catch let failure as AgentFailure {
            logger.error("a delivery was refused", metadata: ["failure.reason": "\(failure)"])
            await broker.reject(delivery.tag)
        } catch {
            // The agent is stopping: unacknowledged, the delivery comes again.
            logger.info("a delivery is left for the next start")
        }
    }

    /// Does it again after a pause until it is done; throws only when the agent is stopped.
    private func persistently(_ deed: () async throws(AgentFailure) -> Void) async throws {
        while true {
            do {
                return try await deed()
            } catch {
                logger.warning("trying again", metadata: ["failure.reason": "\(error)"])
            }
            try await Task.sleep(for: .seconds(settings.retrySeconds))
        }
    }

    private func verified(_ body: [UInt8]) throws(AgentFailure) -> SiteDelivery {
        let order: SiteDelivery
        do {
            let (content, _) = try CMS.verify(body, pinned: settings.signers)
            order = try JSONDecoder().decode(SiteDelivery.self, from: Data(content))
        } catch {
            throw AgentFailure("it is not signed by a pinned signer, or malformed")
        }
        guard order.site == settings.site else { throw AgentFailure("it is for another site") }
        guard order.path.hasPrefix("/"), order.command.first?.hasPrefix("/") ?? true else {
            throw AgentFailure("its path or its command's is not absolute")
        }
        return order
    }

    /// nil for a delivery that is not newer than what was done.
    ///
    /// Of one sequence there is one delivery for each variable, repeated until it is applied.
    private func act(on order: SiteDelivery) async throws -> SiteAnswer? {
        var record = try journal.record(of: order.credential)
        let place = "\(order.variable) \(order.path)"
        if let last = record.entries[place], last.state == .applied,
            last.sequence == order.sequence
        {
            return last.key == order.key ? answer(order, .applied, last.detail) : nil
        }
        guard order.sequence >= record.highestSequence else { return nil }
        var entry = AgentJournal.Entry(
            key: order.key,
            sequence: order.sequence,
            state: .begun,
            detail: "begun"
        )
        try await keep(entry, at: place, in: &record)
        do throws(AgentFailure) {
            try await apply(order)
            entry.state = .applied
            entry.detail = "\(order.path) written"
            if let program = order.command.first { entry.detail += ", \(program) ran" }
        } catch {
            // A command that was ended because the agent stops has not failed: it is run again.
            try Task.checkCancellation()
            entry.state = .failed
            entry.detail = error.description
        }
        try await keep(entry, at: place, in: &record)
        logger.info(
            "a delivery was handled",
            metadata: ["secret.name": "\(order.credential)", "outcome": "\(entry.state)"]
        )
        return answer(order, entry.state == .applied ? .applied : .failed, entry.detail)
    }

    private func keep(
        _ entry: AgentJournal.Entry,
        at place: String,
        in record: inout AgentJournal.Record
    ) async throws {
        record.entries[place] = entry
        let changed = record
        try await persistently { () throws(AgentFailure) in try journal.keep(changed) }
    }

    private func apply(_ order: SiteDelivery) async throws(AgentFailure) {
        let value: Secret
        do {
            value = try CMS.decrypt(
                [UInt8](order.sealed),
                certificate: settings.certificate,
                key: settings.key
            )
        } catch {
            throw AgentFailure("what is sealed cannot be opened with this site's key")
        }
        try EnvironmentFile.set(order.variable, to: value, in: order.path)
        try await SiteCommand.run(
            order.command,
            value: value,
            delivery: order.key,
            seconds: settings.commandSeconds
        )
    }

    private func answer(
        _ order: SiteDelivery,
        _ outcome: SiteAnswer.Outcome,
        _ detail: String
    ) -> SiteAnswer {
        SiteAnswer(
            site: order.site,
            credential: order.credential,
            key: order.key,
            sequence: order.sequence,
            outcome: outcome,
            detail: detail
        )
    }

    private func publication(of answer: SiteAnswer) -> Publication {
        struct Envelope: Encodable {
            var specversion = "1.0"
            var id: String
            var source: String
            var type: String
            var data: SiteAnswer
        }
        let now = Timestamp.text(clock.now)
        let id = UUIDv5.text(in: answer.key, [answer.outcome.rawValue, now])
        let envelope = Envelope(
            id: id,
            source: "rekey-agent/\(answer.site)",
            type: SiteAnswer.type.name,
            data: answer
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(envelope) else {
            preconditionFailure("an answer holds texts and numbers only, so it can be encoded")
        }
        return Publication(
            exchange: "rekey.events",
            routingKey: SiteAnswer.routingKey(site: answer.site),
            body: [UInt8](body),
            properties: EventProperties(
                messageID: id,
                type: SiteAnswer.type.name,
                contentType: CloudEvent.contentType,
                userID: settings.user
            )
        )
    }
}
