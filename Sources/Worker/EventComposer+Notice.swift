import Foundation
import RekeyCore
import RekeyPorts

// That a credential's end is near or past.
extension EventComposer {
    /// The event that a credential's end is near; no facts where its vaults cannot be read.
    func notice(
        _ notice: ExpiryNotice,
        of definition: CredentialDefinition,
        _ facts: AdmissionFacts?,
        at now: Date
    ) -> OutboxRow {
        var content = EventContent()
        content.secret = definition.id.text
        content.detail = notice.state.rawValue
        content.expires = notice.end.timeIntervalSince1970
        let versions = facts?.carriers.map(\.latest) ?? definition.carriers.map { _ in nil }
        content.carriers = zip(definition.carriers, versions).map { carrier($0.reference, $1) }
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
