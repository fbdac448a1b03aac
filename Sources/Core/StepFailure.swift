/// Why a step did not succeed, in the terms the saga decides with.
///
/// It is the only error that crosses a port. Its reason is written to logs and stored with the
/// rotation, so an adapter builds it from codes and names, never from a reply's text.
package struct StepFailure: Error, Codable, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// Nothing changed, and another attempt may succeed.
        case transient
        /// Nothing changed, and another attempt would fail the same way: configuration or a bug.
        case permanent
        /// Nothing changed, because the system's policy rejects this value: a new value may do.
        case refused
        /// It may have taken effect: look before doing it again.
        case unknown
    }

    package let kind: Kind
    /// Codes and names only, one line, without a full stop.
    package let reason: String
    /// How long the system asked to be left alone, such as by Retry-After.
    package let retryAfterSeconds: Double?

    package init(_ kind: Kind, _ reason: String, retryAfterSeconds: Double? = nil) {
        self.kind = kind
        self.reason = reason
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// Whether the system only asked for patience: that counts as a wait, and not as an attempt.
    package var saysWhen: Bool { kind == .transient && retryAfterSeconds != nil }

    package var description: String { "\(kind): \(reason)" }
}
