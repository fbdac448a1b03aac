import Foundation
import Logging
import RekeyCore
import RekeyPorts

// Tells somebody that an end is near, also where rotation is disabled, paused or stuck.
extension Sweeper {
    /// Whether the record alone says that there is something new to tell.
    func mayTell(
        of definition: CredentialDefinition,
        _ record: CredentialRecord?,
        at now: Date
    ) -> Bool {
        guard definition.notifiesNearExpiry, let record, let end = record.expiresAt else {
            return false
        }
        let notice = ExpiryNotice(end: end, definition.policy, at: now)
        return notice.map { !$0.isKnown(in: record.noticed ?? []) } ?? false
    }

    /// Tells of what the vaults hold, once for each version and threshold, and notes it.
    func tell(
        of definition: CredentialDefinition,
        _ facts: AdmissionFacts,
        _ record: inout CredentialRecord
    ) async throws {
        let now = clock.now
        guard definition.notifiesNearExpiry,
            let notice = ExpiryNotice(facts.carriers, definition.policy, at: now)
        else { return }
        guard record.noticed?.contains(notice.mark) != true else { return }
        record.noticed = notice.added(to: record.noticed ?? [])
        let row = composer.notice(notice, of: definition, facts, at: now)
        try await journal.commit([.credential(record), .enqueue(row)], under: nil)
        record = record.written
        logger.warning(
            "a credential is near its end",
            metadata: ["secret.name": "\(definition.id)", "outcome": "\(notice.state)"]
        )
    }
}

extension EventComposer {
    /// The event that a credential's end is near.
    fileprivate func notice(
        _ notice: ExpiryNotice,
        of definition: CredentialDefinition,
        _ facts: AdmissionFacts,
        at now: Date
    ) -> OutboxRow {
        var content = EventContent()
        content.secret = definition.id.text
        content.detail = notice.state.rawValue
        content.expires = notice.end.timeIntervalSince1970
        content.carriers = zip(definition.carriers, facts.carriers).map {
            carrier($0.reference, $1.latest)
        }
        let type = EventType.secretExpiring
        let parts = [definition.id.text, notice.mark, type.name]
        let event = CloudEvent(
            id: EventID(UUIDv5.text(in: installation.text, parts)),
            source: "\(source)/\(installation)",
            type: type,
            subject: definition.id.text,
            time: now,
            content: content
        )
        return OutboxRow(
            event: event.id,
            type: type,
            rotation: nil,
            body: event.encoded(),
            mustArrive: false,
            createdAt: now
        )
    }
}
