import Foundation
import RekeyCore
import Testing

/// What is written by hand at every step has to be what `JSONEncoder` writes, byte for byte.
@Suite struct EventBytesTests {
    private static let texts = [
        "plain", "", "a/b", "quote \" and \\", "\u{0}\u{1}\u{8}\t\n\u{C}\r\u{1F}\u{7F}",
        "żółć 日本 🔑", "\u{2028}",
    ]

    private static func full(_ text: String, _ number: Double) -> EventContent {
        var content = EventContent()
        content.rotation = text
        content.secret = text
        content.step = text
        content.strategy = text
        content.reason = text
        content.attempt = Int(number)
        content.carriers = [
            .init(vault: text, name: text, version: text), .init(vault: text, name: text),
        ]
        content.evidence = [.init(workload: text, level: text)]
        content.hook = text
        content.detail = text
        content.gapSeconds = number
        content.nextDue = text
        content.plan = text
        content.versions = [text, text]
        content.vault = text
        content.name = text
        content.version = text
        content.expires = number
        content.command = text
        content.rebase = true
        content.force = true
        content.takeOver = false
        content.requestedBy = text
        content.revokeBy = text
        content.cutOff = []
        content.outcome = text
        return content
    }

    private func reference(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .deferredToDate
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test func `the sample sets every member of an event's content`() {
        for member in Mirror(reflecting: Self.full("x", 1)).children {
            let value = Mirror(reflecting: member.value)
            #expect(value.displayStyle != .optional || value.children.count == 1, "\(member)")
        }
    }

    @Test(arguments: texts)
    func `an event's content has JSONEncoder's bytes`(text: String) throws {
        for number in [0, -1, 1.5, 1e-7, 1e16, 123_456_789.125, 0.1] {
            for content in [Self.full(text, number), EventContent()] {
                let event = CloudEvent(
                    id: EventID("e"),
                    source: text,
                    type: .rotationCompleted,
                    time: Date(timeIntervalSince1970: 1),
                    content: content
                )
                let bytes = String(decoding: event.encoded(), as: UTF8.self)
                let expected = try reference(content)
                #expect(bytes.contains("\"data\":\(expected),\"datacontenttype\""))
            }
        }
    }

    @Test func `an event reads back as itself, its members in order`() throws {
        let event = CloudEvent(
            id: EventID("id"),
            source: "/source",
            type: .rotationCompleted,
            subject: "subject",
            time: Date(timeIntervalSince1970: 1_700_000_000.25),
            correlationID: "correlation",
            causationID: "causation",
            authID: "somebody",
            content: Self.full("text", 2.5)
        )
        #expect(try CloudEvent(decoding: event.encoded()) == event)
        let bytes = Data(event.encoded())
        let tree = try JSONSerialization.jsonObject(with: bytes)
        let sorted = try JSONSerialization.data(
            withJSONObject: tree,
            options: [.sortedKeys, .withoutEscapingSlashes]
        )
        #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: sorted, as: UTF8.self))
    }

    private static let effects: [Effect] = [
        .findStaged, .checkCarriers, .probeInstalled, .inspectIssued, .inspectKeys, .prove,
        .readCarrier(0), .observe(1), .followHook(2), .reprove, .observeSilence, .inspectRetired,
        .inspectRevoked, .inspectClosing, .stageGenerated, .install, .issue,
        .regenerate(AccountID("key\"1")), .stageIssued, .withdraw(AccountID("a/b")),
        .writeCarrier(3), .refresh(4), .startHook(5), .retire(AccountID("old")),
        .revoke(AccountID("old")), .disableStaged, .reinstall,
    ]

    private static let observations: [Observation] = [
        .staged(VersionID("v")), .carriersWritable, .installed, .proved,
        .carrierRead(0, latest: VersionID("v"), isOurs: true),
        .carrierRead(1, latest: nil, isOurs: false), .carrierWritten(2, VersionID("w")),
        .refreshed(3), .evidence(4, .signedIn), .evidence(5, .healthy, remark: "it"),
        .silence(.unobservable), .retired(AccountID("a")),
        .stagedDisabled, .closingListed(strays: []),
        .closingListed(strays: [AccountID("a"), AccountID("b")]),
    ]

    private static let usual: [RotationEvent] = {
        let at = Date(timeIntervalSinceReferenceDate: 800_000_000.125)
        return effects.map { .intended($0, at: at, deadline: at + 30) }
            + observations.map { .observed($0, at: at) }
            + Step.allCases.map { .finished($0, at: Date(timeIntervalSinceReferenceDate: 5)) }
    }()

    @Test(arguments: usual)
    func `a usual event of a rotation has JSONEncoder's bytes`(event: RotationEvent) throws {
        let bytes = try #require(event.usualJSON)
        #expect(String(decoding: bytes, as: UTF8.self) == (try reference(event)))
    }

    @Test func `the rare events are left to JSONEncoder`() {
        let now = Date(timeIntervalSinceReferenceDate: 0)
        #expect(RotationEvent.observed(.notStaged, at: now).usualJSON == nil)
        #expect(RotationEvent.gaveUp("x", at: now).usualJSON == nil)
    }
}
