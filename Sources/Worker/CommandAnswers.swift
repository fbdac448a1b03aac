import Foundation
import RekeyCore
import RekeyPorts

extension EventComposer {
    /// The answer to a command: accepted, or refused with the reason.
    func answer(
        to order: CommandOrder,
        refusal: String?,
        secret: String?,
        at now: Date
    ) -> OutboxRow {
        var content = EventContent()
        content.command = order.content.command
        content.rotation = order.content.rotation
        content.secret = secret
        content.requestedBy = "\(order.requester)"
        content.outcome = refusal == nil ? "accepted" : "refused"
        content.detail = refusal
        let type = EventType.commandAnswered
        let event = CloudEvent(
            id: EventID(UUIDv5.text(in: installation.text, [order.entry.event.text, type.name])),
            source: "\(source)/\(installation)",
            type: type,
            subject: secret,
            time: now,
            correlationID: order.content.rotation,
            causationID: order.event.text,
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
