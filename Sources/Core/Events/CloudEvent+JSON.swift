import Foundation

extension CloudEvent {
    /// The event's bytes, the same for the same event.
    package func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(Wire(self)))
        } catch {
            preconditionFailure("an event holds texts and numbers only, so it can be encoded")
        }
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
            traceParent: wire.traceparent,
            authID: wire.authid,
            content: wire.data ?? EventContent()
        )
    }

    /// Larger events are refused: a value never travels, so none is near it.
    package static let largestByteCount = 64 * 1024
    package static let longestID = 256

    private struct Wire: Codable {
        var specversion: String
        var id: String
        var source: String
        var type: String
        var subject: String?
        var time: String?
        var datacontenttype: String?
        var correlationid: String?
        var causationid: String?
        var traceparent: String?
        var authid: String?
        var data: EventContent?

        init(_ event: CloudEvent) {
            specversion = "1.0"
            id = event.id.text
            source = event.source
            type = event.type.name
            subject = event.subject
            // Who named none is not given one: it would read as very old.
            time = event.time == .distantPast ? nil : Timestamp.text(event.time)
            datacontenttype = "application/json"
            correlationid = event.correlationID
            causationid = event.causationID
            traceparent = event.traceParent
            authid = event.authID
            data = event.content
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

    package var description: String {
        switch self {
        case .tooLarge(let count):
            "the event has \(count) bytes, and \(CloudEvent.largestByteCount) are allowed"
        case .malformed(let what): "malformed event: \(what)"
        case .unknownType(let type): "unknown event type \(type)"
        case .unknownRotation(let id): "this journal has no rotation \(id)"
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
