#if DEBUG
import Foundation
import RekeyCore
import RekeyPorts

@testable import SiteHook

extension FuzzTarget {
    private static let eventWords = [
        "\"specversion\":\"1.0\"", "\"id\"", "\"type\"", "\"source\"", "\"subject\"", "\"time\"",
        "\"data\"", "\"eventType\"", "\"topic\"", "\"exp\"", "\"Id\"", "\"authid\"", "\"versions\"",
        "\"expires\"", "\"gapSeconds\"", "\"attempt\"", "{", "}", "[", "]", ",", ":", "null",
        "true",
        "rekey.rotation.requested.v1", "rekey.command.issued.v1",
        "Microsoft.KeyVault.SecretNearExpiry", "https://", "%00", "@", "2026-01-02T03:04:05Z",
    ]

    /// What outsiders publish, or post to the gateway, which passes it on encoded anew.
    static let outsideEvents = FuzzTarget("outside-events", words: eventWords) { input in
        let events: [CloudEvent]
        do { events = try IntakeParser.events(in: input) } catch {
            return try Canary.check(error)
        }
        try promise("too many events", events.count <= IntakeParser.largestBatch)
        for event in events {
            try checkEncoding(of: event)
            // What the vault adapter and the look-up of a vault's host are given.
            if let host = event.content.vault {
                try promise("a host with a slash", !host.contains("/"))
                try promise("a host with a user", !host.contains("@"))
            }
        }
    }

    /// The one form that Rekey itself writes.
    static let structuredEvents = FuzzTarget("structured-events", words: eventWords) { input in
        let event: CloudEvent
        do { event = try CloudEvent(decoding: input) } catch { return try Canary.check(error) }
        try checkEncoding(of: event)
    }

    /// The bytes of an event read back as the same bytes, whatever the event holds.
    private static func checkEncoding(of event: CloudEvent) throws {
        let bytes = event.encoded()
        guard bytes.count <= CloudEvent.largestByteCount else { return }
        let again = try CloudEvent(decoding: bytes)
        try promise("an event changes by being read", again.encoded() == bytes)
    }

    /// An answer counts only for the site whose user sent it.
    static let siteAnswers = FuzzTarget(
        "site-answers",
        words: eventWords + ["\"site\"", "\"oslo\"", "\"cairo\"", "\"key\"", "\"sequence\""]
    ) { input in
        let ledger = SiteLedger(users: ["cairo": "site.cairo", "oslo": "site.oslo"])
        let delivery = Delivery(
            tag: .init(connection: 1, number: 1),
            queue: SiteAnswer.queue,
            exchange: "rekey.events",
            routingKey: "site.cairo.answered",
            body: input,
            properties: EventProperties(userID: "site.cairo")
        )
        struct Envelope: Decodable { var data: SiteAnswer }
        guard ledger.take(delivery) else { return }
        let answer = try JSONDecoder().decode(Envelope.self, from: Data(input)).data
        try promise("another site's answer was taken", answer.site == "cairo")
        let kept = ledger.answer(of: "oslo", to: NaturalKey(answer.key))
        try promise("an answer counts for another site", kept == nil)
    }
}
#endif
