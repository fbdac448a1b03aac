package import Logging

/// The keys under which log lines carry names and codes; never a value.
package enum LogKey: String, Sendable, CaseIterable {
    case rotation = "rotation.id"
    case credential = "credential.id"
    case secret = "secret.name"
    case vault = "vault.name"
    case version = "secret.version"
    case target = "target.name"
    case workload = "workload.name"
    case hook = "hook.name"
    case site = "site.name"
    case step
    case strategy
    case effect
    case attempt
    case outcome
    case reason
    case event = "event.id"
    case eventType = "event.type"
    case queue = "broker.queue"
    case delivery = "broker.delivery"
    case requester = "requester"
    case dueAt = "due.at"
    case count
    case seconds
    case address
    case httpStatus = "http.status"
    case failure
}

extension Logger.Metadata {
    /// Metadata under known keys.
    package init(_ values: [LogKey: Logger.MetadataValue]) {
        self.init(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) })
    }
}

extension Logger {
    /// Sets what every further line of this logger carries.
    package subscript(key: LogKey) -> Logger.MetadataValue? {
        get { self[metadataKey: key.rawValue] }
        set { self[metadataKey: key.rawValue] = newValue }
    }
}
