import Foundation

/// Turns what outsiders publish into events that Rekey takes.
///
/// Accepted are Event Grid's own schema and CloudEvents, each alone or in an array. Event Grid
/// spells `data` in more than one way (numbers as texts, keys with spaces, ids in either case),
/// so keys are trimmed and compared without case. Sources: Microsoft's Event Grid schema for Key
/// Vault, CloudEvents 1.0.
package enum IntakeParser {
    /// The most events of one body.
    package static let largestBatch = 1_000

    package static func events(in bytes: [UInt8]) throws(EventFailure) -> [CloudEvent] {
        guard bytes.count <= largestByteCount else { throw .tooLarge(bytes.count) }
        let wire: OneOrMany
        do {
            wire = try JSONDecoder().decode(OneOrMany.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw .malformed(error.place)
        } catch {
            throw .malformed("not JSON")
        }
        guard wire.events.count <= largestBatch else {
            throw .malformed("more than \(largestBatch) events")
        }
        var events: [CloudEvent] = []
        for event in wire.events { events.append(try event.normalised()) }
        return events
    }

    /// Event Grid delivers batches of up to 1 MB.
    package static let largestByteCount = 1_024 * 1_024

    private struct OneOrMany: Decodable {
        let events: [OutsideEvent]

        init(from decoder: any Decoder) throws {
            if let list = try? decoder.unkeyedContainer(), list.count != nil {
                events = try [OutsideEvent](from: decoder)
            } else {
                events = [try OutsideEvent(from: decoder)]
            }
        }
    }
}

/// An event as an outsider wrote it, in either schema.
private struct OutsideEvent: Decodable {
    let id: String
    let type: String
    let subject: String?
    let source: String
    let time: String?
    let authID: String?
    let content: [String: LooseValue]
    let own: EventContent?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: LooseKey.self)
        let isCloudEvent = container.contains(LooseKey("specversion"))
        id = try container.decode(String.self, forKey: LooseKey("id"))
        let typeKey = LooseKey(isCloudEvent ? "type" : "eventType")
        type = try container.decode(String.self, forKey: typeKey)
        subject = try container.decodeIfPresent(String.self, forKey: LooseKey("subject"))
        let sourceKey = LooseKey(isCloudEvent ? "source" : "topic")
        source = try container.decodeIfPresent(String.self, forKey: sourceKey) ?? ""
        let timeKey = LooseKey(isCloudEvent ? "time" : "eventTime")
        time = try container.decodeIfPresent(String.self, forKey: timeKey)
        authID = try container.decodeIfPresent(String.self, forKey: LooseKey("authid"))
        if type.hasPrefix("rekey.") {
            own = try container.decodeIfPresent(EventContent.self, forKey: LooseKey("data"))
            content = [:]
        } else {
            own = nil
            content = try Self.loose(container)
        }
    }

    private static func loose(
        _ container: KeyedDecodingContainer<LooseKey>
    ) throws -> [String: LooseValue] {
        guard container.contains(LooseKey("data")) else { return [:] }
        let content = try container.nestedContainer(
            keyedBy: LooseKey.self,
            forKey: LooseKey("data")
        )
        var found: [String: LooseValue] = [:]
        for key in content.allKeys {
            let name = key.stringValue.trimmingSpaces.lowercased()
            found[name] = try content.decode(LooseValue.self, forKey: key)
        }
        return found
    }

    /// Each is a hint that a secret may be due; whether it is, the vault itself says.
    private static let vaultTypes: Set<String> = [
        "Microsoft.KeyVault.SecretNearExpiry", "Microsoft.KeyVault.SecretExpired",
        "Microsoft.KeyVault.SecretNewVersionCreated",
    ]

    func normalised() throws(EventFailure) -> CloudEvent {
        guard !id.isEmpty, id.utf8.count <= CloudEvent.longestID else {
            throw .malformed("id is empty or longer than \(CloudEvent.longestID) bytes")
        }
        try checkTexts()
        var event = CloudEvent(
            id: EventID(id),
            source: source,
            type: EventType(type),
            subject: subject,
            time: time.flatMap(Timestamp.date) ?? .distantPast,
            authID: authID,
            content: own ?? EventContent()
        )
        if Self.vaultTypes.contains(type) {
            event.type = .secretNearExpiry
            try readVault(into: &event)
        }
        try event.content.checkNames()
        return event
    }

    /// CloudEvents 1.0, Type System: a text holds no control characters.
    private func checkTexts() throws(EventFailure) {
        let texts = [
            ("id", id), ("type", type), ("source", source), ("subject", subject),
            ("authid", authID),
        ]
        for (name, text) in texts where text?.holdsControlCharacter == true {
            throw .malformed(".\(name) holds a control character")
        }
    }

    private func readVault(into event: inout CloudEvent) throws(EventFailure) {
        guard let place = content["id"]?.text.trimmingSpaces, !place.isEmpty else {
            throw .malformed(".data.Id is missing")
        }
        guard let url = URL(string: place), let host = url.host, url.scheme == "https" else {
            throw .malformed(".data.Id is not an https address")
        }
        let path = url.path.split(separator: "/")
        guard path.count >= 2 else { throw .malformed(".data.Id names no secret") }
        event.content.vault = host + (url.port.map { $0 == 443 ? "" : ":\($0)" } ?? "")
        event.content.name = String(path[1])
        event.content.version =
            path.count > 2 ? String(path[2]) : content["version"]?.text.trimmingSpaces
        event.content.expires = content["exp"]?.number
    }
}

/// Any key, as it is spelt.
private struct LooseKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// A text, a number, or something else that does not matter.
private struct LooseValue: Decodable {
    let text: String

    /// nil also for `nan` and `inf`, which JSON has not, and which could not be passed on.
    var number: Double? { Double(text.trimmingSpaces).flatMap { $0.isFinite ? $0 : nil } }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else if let number = try? container.decode(Double.self) {
            self.text = String(number)
        } else {
            self.text = ""
        }
    }
}

extension EventContent {
    /// Throws where a name that is looked for, recorded, or told in an answer, could not be one.
    fileprivate func checkNames() throws(EventFailure) {
        let names = [
            ("rotation", rotation), ("secret", secret), ("command", command), ("plan", plan),
            ("reason", reason), ("revokeBy", revokeBy), ("vault", vault), ("name", name),
            ("version", version),
        ]
        for (key, text) in names { try text?.checkName(key) }
        guard versions?.count ?? 0 <= IntakeParser.largestBatch else {
            throw .malformed(".data.versions are more than \(IntakeParser.largestBatch)")
        }
        for version in versions ?? [] { try version.checkName("versions") }
    }
}

extension String {
    /// Whether it holds what CloudEvents forbids in a text; a null no database can look for.
    package var holdsControlCharacter: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    fileprivate func checkName(_ key: String) throws(EventFailure) {
        guard utf8.count <= CloudEvent.longestID else {
            throw .malformed(".data.\(key) is longer than \(CloudEvent.longestID) bytes")
        }
        guard !holdsControlCharacter else {
            throw .malformed(".data.\(key) holds a control character")
        }
    }

    fileprivate var trimmingSpaces: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
