package import Foundation

/// An event on the bus: CloudEvents 1.0, structured JSON, without ever a secret value.
///
/// Its bytes are the same however often it is emitted: attributes in order of name, times to the
/// millisecond in UTC.
package struct CloudEvent: Equatable, Sendable {
    package var id: EventID
    package var source: String
    package var type: EventType
    package var subject: String?
    package var time: Date
    /// The rotation that it belongs to.
    package var correlationID: String?
    /// The event that caused it.
    package var causationID: String?
    /// A person behind the gateway; trusted only when the gateway published it.
    package var authID: String?
    package var content: EventContent

    package init(
        id: EventID,
        source: String,
        type: EventType,
        subject: String? = nil,
        time: Date,
        correlationID: String? = nil,
        causationID: String? = nil,
        authID: String? = nil,
        content: EventContent = EventContent()
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = time
        self.correlationID = correlationID
        self.causationID = causationID
        self.authID = authID
        self.content = content
    }

    package static let contentType = "application/cloudevents+json"
}

/// The `data` of the events that Rekey emits and accepts; each type uses some of it.
package struct EventContent: Codable, Equatable, Sendable {
    package struct Carrier: Codable, Equatable, Sendable {
        package var vault: String
        package var name: String
        package var version: String?
        /// The version's address, by which a subscriber reads it.
        package var uri: String?

        package init(
            vault: String,
            name: String,
            version: String? = nil,
            uri: String? = nil
        ) {
            self.vault = vault
            self.name = name
            self.version = version
            self.uri = uri
        }
    }

    package struct Evidence: Codable, Equatable, Sendable {
        package var workload: String
        package var level: String

        package init(workload: String, level: String) {
            self.workload = workload
            self.level = level
        }
    }

    package var rotation: String?
    /// The credential's name in the configuration.
    package var secret: String?
    package var step: String?
    package var strategy: String?
    package var reason: String?
    package var attempt: Int?
    package var carriers: [Carrier]?
    package var evidence: [Evidence]?
    package var hook: String?
    package var detail: String?
    package var gapSeconds: Double?
    package var nextDue: String?
    package var plan: String?
    package var versions: [String]?
    package var vault: String?
    package var name: String?
    package var version: String?
    package var expires: Double?
    package var command: String?
    package var rebase: Bool?
    /// Whether to abandon also where that locks somebody out.
    package var force: Bool?
    /// Whether to adopt what carries the tag of another installation.
    package var takeOver: Bool?
    package var requestedBy: String?
    package var revokeBy: String?
    /// Who had not shown the new credential when the old one died.
    package var cutOff: [String]?
    package var outcome: String?

    package init() {}
}
