import Foundation

extension CloudEvent {
    /// The event's bytes, the same for the same event.
    package func encoded() -> [UInt8] {
        var text = JSONText(capacity: Self.usualByteCount)
        text.object { event in
            event.member("authid", authID)
            event.member("causationid", causationID)
            event.member("correlationid", correlationID)
            event.name("data")
            content.write(to: &event)
            event.member("datacontenttype", "application/json")
            event.member("id", id.text)
            event.member("source", source)
            event.member("specversion", "1.0")
            event.member("subject", subject)
            // Who named none is not given one: it would read as very old.
            if time != .distantPast { event.member("time", Timestamp.text(time)) }
            event.member("type", type.name)
        }
        return text.bytes
    }

    /// Reads one structured event.
    ///
    /// The error names what is wrong, and quotes nothing.
    package init(decoding bytes: [UInt8]) throws(EventFailure) {
        guard bytes.count <= Self.largestByteCount else { throw .tooLarge(bytes.count) }
        let wire: Wire
        do {
            wire = try JSONDecoder().decode(Wire.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw .malformed(error.place)
        } catch {
            throw .malformed("not JSON")
        }
        guard wire.specversion == "1.0" else { throw .malformed("specversion is not 1.0") }
        guard !wire.id.isEmpty, wire.id.utf8.count <= Self.longestID else {
            throw .malformed("id is empty or longer than \(Self.longestID) bytes")
        }
        self.init(
            id: EventID(wire.id),
            source: wire.source,
            type: EventType(wire.type),
            subject: wire.subject,
            time: wire.time.flatMap(Timestamp.date) ?? .distantPast,
            correlationID: wire.correlationid,
            causationID: wire.causationid,
            authID: wire.authid,
            content: wire.data ?? EventContent()
        )
    }

    /// Larger events are refused: a value never travels, so none is near it.
    package static let largestByteCount = 64 * 1024
    package static let longestID = 256

    private static let usualByteCount = 1_024

    private struct Wire: Decodable {
        var specversion: String
        var id: String
        var source: String
        var type: String
        var subject: String?
        var time: String?
        var datacontenttype: String?
        var correlationid: String?
        var causationid: String?
        var authid: String?
        var data: EventContent?
    }
}

extension EventContent {
    /// In the order of the members' names.
    fileprivate func write(to text: inout JSONText) {
        text.object { content in
            content.member("attempt", attempt)
            if let carriers {
                content.name("carriers")
                content.array(carriers) { $1.write(to: &$0) }
            }
            content.member("command", command)
            content.member("cutOff", cutOff)
            content.member("detail", detail)
            if let evidence {
                content.name("evidence")
                content.array(evidence) { $1.write(to: &$0) }
            }
            content.member("expires", expires)
            content.member("force", force)
            content.member("gapSeconds", gapSeconds)
            content.member("hook", hook)
            content.member("name", name)
            content.member("nextDue", nextDue)
            content.member("outcome", outcome)
            content.member("plan", plan)
            content.member("reason", reason)
            content.member("rebase", rebase)
            content.member("requestedBy", requestedBy)
            content.member("revokeBy", revokeBy)
            content.member("rotation", rotation)
            content.member("secret", secret)
            content.member("step", step)
            content.member("strategy", strategy)
            content.member("takeOver", takeOver)
            content.member("vault", vault)
            content.member("version", version)
            content.member("versions", versions)
        }
    }
}

extension EventContent.Carrier {
    fileprivate func write(to text: inout JSONText) {
        text.object { carrier in
            carrier.member("name", name)
            carrier.member("uri", uri)
            carrier.member("vault", vault)
            carrier.member("version", version)
        }
    }
}

extension EventContent.Evidence {
    fileprivate func write(to text: inout JSONText) {
        text.object { evidence in
            evidence.member("level", level)
            evidence.member("workload", workload)
        }
    }
}

/// Why bytes are not an event that Rekey takes.
///
/// It quotes nothing of them.
package enum EventFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLarge(Int)
    case malformed(String)
    case unknownType(String)
    /// Of another journal, or older than what this one was restored to.
    case unknownRotation(String)
    /// Nobody can tell any more whether it was taken before.
    case outOfTime(String)
    /// The journal cannot keep it.
    case unwritable(String)

    package var description: String {
        switch self {
        case .tooLarge(let count):
            "the event has \(count) bytes, and \(CloudEvent.largestByteCount) are allowed"
        case .malformed(let what): "malformed event: \(what)"
        case .unknownType(let type): "unknown event type \(type)"
        case .unknownRotation(let id): "this journal has no rotation \(id)"
        case .unwritable(let why): "the journal cannot keep it: \(why)"
        case .outOfTime(let why): "out of time: \(why); publish it anew where it still is meant"
        }
    }
}

extension DecodingError {
    /// Where decoding failed, in keys only.
    package var place: String {
        switch self {
        case .keyNotFound(let key, let context): "\(path(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context):
            "\(path(context.codingPath)) is not of type \(type)"
        case .valueNotFound(let type, let context):
            "\(path(context.codingPath)) is null, not of type \(type)"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not JSON" : "\(path(context.codingPath)) cannot be read"
        @unknown default: "cannot be read"
        }
    }

    private func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    }
}
