import Foundation
import RekeyCore
import Testing

/// `contracts/events` and `contracts/asyncapi.yaml` against the events of the code.
@Suite struct `The contract of the events` {
    private static let fromOutside: Set<String> = [
        "rekey.rotation.requested.v1", "rekey.secret.near-expiry.v1", "rekey.command.issued.v1",
    ]

    /// The types as the code spells them.
    private func types() throws -> Set<String> {
        let source = try Contracts.text("Sources/Core/Events/EventType.swift")
        return Set(source.matches(of: /Self\("(rekey\.[a-z.\-]+\.v1)"\)/).map { String($0.1) })
    }

    @Test func `has a schema for each type, and no other`() throws {
        let types = try types()
        #expect(types.count > 20)
        let files = Set(types.map { "\($0).schema.json" })
        #expect(try Contracts.files(in: "events") == files)
    }

    @Test func `names in each schema the type it is for`() throws {
        for type in try types() {
            let schema = try Contracts.object("events/\(type).schema.json")
            let properties = schema["properties"] as? [String: [String: Any]]
            #expect(properties?["type"]?["const"] as? String == type)
            #expect(Contracts.openObjects(in: schema) == [], "\(type)")
        }
    }

    @Test func `knows the attributes and the data that the code writes, and no other`() throws {
        var event = CloudEvent(
            id: "1",
            source: "s",
            type: .rotationCompleted,
            subject: "x",
            time: Date(timeIntervalSince1970: 0)
        )
        (event.correlationID, event.causationID) = ("a", "b")
        event.authID = "c"
        let bytes = Data(event.encoded())
        let written = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
        var data: Set<String> = []
        for type in try types() {
            let file = "events/\(type).schema.json"
            let schema = try Contracts.object(file)
            let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
            // What an outsider's tracing adds is taken, and goes no further.
            let known = Set((written ?? [:]).keys)
            let isFromOutside = Self.fromOutside.contains(type)
            let expected = isFromOutside ? known.union(["traceparent"]) : known
            #expect(Set(properties.keys) == expected, "\(type)")
            let inner = properties["data"]?["properties"] as? [String: Any] ?? [:]
            data.formUnion(inner.keys)
        }
        let fields = Mirror(reflecting: EventContent()).children.compactMap(\.label)
        #expect(data == Set(fields))
    }

    @Test func `is open to a client whose permission is the one that is advised`() throws {
        let guide = try Contracts.text("deploy/rabbitmq/README.md")
        let advised = try #require(guide.firstMatch(of: /`(\^\([^`]*\\\.)`/)).1
        let pattern = try Regex(String(advised))
        for type in try types().subtracting(Self.fromOutside) {
            let key = EventType(type).routingKey
            #expect("\(key).#".prefixMatch(of: pattern) != nil, "\(key)")
        }
        for key in ["#", "*.#", "site.*.delivery", "site.#"] {
            #expect(key.prefixMatch(of: pattern) == nil, "\(key)")
        }
    }

    @Test func `lets AsyncAPI refer to each schema`() throws {
        let document = try Contracts.text("contracts/asyncapi.yaml")
        let found = document.matches(of: /'\.\/events\/(rekey\.[a-z.\-]+\.v1)\.schema\.json'/)
        #expect(Set(found.map { String($0.1) }) == (try types()))
    }
}
