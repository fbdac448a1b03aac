import Foundation
import RekeyCore
import RekeyPorts
import RekeyWorker

extension Publication {
    /// Asks for a routine rotation, as a client of the exchange `rekey.intake` does.
    ///
    /// `number` tells requests apart; blanks fill the event up to `eventBytes`.
    static func request(
        for credential: CredentialID,
        number: Int,
        eventBytes: Int
    ) -> Publication {
        var content = EventContent()
        content.secret = credential.text
        content.reason = "routine"
        let event = CloudEvent(
            id: EventID("request-\(number)"),
            source: "rekey-bench",
            type: .rotationRequested,
            time: Date(),
            content: content
        )
        var body = event.encoded()
        let missing = max(0, eventBytes - body.count)
        body += repeatElement(UInt8(ascii: " "), count: missing)
        return Publication(
            exchange: SagaBus.intake,
            routingKey: EventType.rotationRequested.routingKey,
            body: body,
            properties: EventProperties(messageID: event.id.text, type: event.type.name)
        )
    }

    /// Tells that a version is near its end, as Event Grid does.
    static func hint(
        of version: VersionID,
        _ credential: BenchCredential,
        number: Int
    ) -> Publication {
        var content = EventContent()
        content.vault = "app.vault.test"
        content.name = credential.carrier.text
        content.version = version.text
        let event = CloudEvent(
            id: EventID("hint-\(credential.number)-\(number)"),
            source: "rekey-bench",
            type: .secretNearExpiry,
            time: Date(),
            content: content
        )
        return Publication(
            exchange: SagaBus.intake,
            routingKey: EventType.secretNearExpiry.routingKey,
            body: event.encoded(),
            properties: EventProperties(messageID: event.id.text, type: event.type.name)
        )
    }
}
