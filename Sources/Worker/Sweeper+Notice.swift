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
        guard !notice.isTold(in: record.noticed ?? []) else { return }
        record = try await commit(notice, of: definition, facts, record, at: now)
    }

    /// Tells by the record of what cannot be read now: an outage, or a document that somebody made
    /// unreadable, must not keep it back.
    ///
    /// Where the rotation that is open has promoted, the record's end is that of the old version.
    func tellUnread(
        of definition: CredentialDefinition,
        _ record: CredentialRecord?,
        _ open: Rotation?
    ) async throws {
        let now = clock.now
        guard open?.hasPromoted != true, mayTell(of: definition, record, at: now),
            let record, let end = record.expiresAt,
            let notice = ExpiryNotice(end: end, definition.policy, at: now)
        else { return }
        _ = try await commit(notice, of: definition, nil, record, at: now)
    }

    /// Answers with the record as it now is in the journal.
    private func commit(
        _ notice: ExpiryNotice,
        of definition: CredentialDefinition,
        _ facts: AdmissionFacts?,
        _ record: CredentialRecord,
        at now: Date
    ) async throws -> CredentialRecord {
        var record = record
        record.noticed = notice.added(to: record.noticed ?? [])
        let row = composer.notice(notice, of: definition, facts, at: now)
        try await journal.commit([.credential(record), .enqueue(row)], under: nil)
        logger.warning(
            "a credential is near its end",
            metadata: ["secret.name": "\(definition.id)", "outcome": "\(notice.state)"]
        )
        return record.written
    }
}
