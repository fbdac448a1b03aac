/// The type of a CloudEvent that Rekey accepts or emits, such as `rekey.rotation.completed.v1`.
package struct EventType: Hashable, Codable, Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) { self.name = name }

    package init(from decoder: any Decoder) throws {
        name = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    package var description: String { name }

    /// The name without `rekey.` and `.v1`, by which the broker routes.
    package var routingKey: String {
        var key = Substring(name)
        if key.hasPrefix("rekey.") { key = key.dropFirst("rekey.".count) }
        if key.hasSuffix(".v1") { key = key.dropLast(".v1".count) }
        return String(key)
    }

    package static let secretNearExpiry = Self("rekey.secret.near-expiry.v1")
    /// A current version is near its end, or past it: told once for each version and threshold.
    package static let secretExpiring = Self("rekey.secret.expiring.v1")
    package static let rotationRequested = Self("rekey.rotation.requested.v1")
    package static let rotationAccepted = Self("rekey.rotation.accepted.v1")
    package static let rotationDeferred = Self("rekey.rotation.deferred.v1")
    package static let rotationDeclined = Self("rekey.rotation.declined.v1")
    package static let rotationCoalesced = Self("rekey.rotation.coalesced.v1")
    package static let candidateStaged = Self("rekey.candidate.staged.v1")
    package static let candidateApplied = Self("rekey.candidate.applied.v1")
    package static let candidateProved = Self("rekey.candidate.proved.v1")
    /// The target's policy refused the value; the next attempt makes another.
    package static let attemptRefused = Self("rekey.candidate.refused.v1")
    package static let secretPromoted = Self("rekey.secret.promoted.v1")
    package static let workloadsRefreshed = Self("rekey.workloads.refreshed.v1")
    /// A promotion reached its evidence, and another promotion follows.
    package static let phaseFinished = Self("rekey.phase.finished.v1")
    package static let rotationAwaitingApproval = Self("rekey.rotation.awaiting-approval.v1")
    package static let rotationApproved = Self("rekey.rotation.approved.v1")
    package static let rotationVerified = Self("rekey.rotation.verified.v1")
    package static let rotationCompleted = Self("rekey.rotation.completed.v1")
    package static let hookSucceeded = Self("rekey.hook.succeeded.v1")
    package static let hookFailed = Self("rekey.hook.failed.v1")
    /// The last required hook succeeded.
    package static let hooksSucceeded = Self("rekey.hooks.succeeded.v1")
    /// A compromise left the hooks that had not succeeded to the rotation that follows.
    package static let hooksSuperseded = Self("rekey.hooks.superseded.v1")
    /// A compromised credential dies at its deadline: it says whom that cuts off.
    package static let revokeByPassed = Self("rekey.credential.revoke-by-passed.v1")
    package static let credentialRetired = Self("rekey.credential.retired.v1")
    package static let rotationClosed = Self("rekey.rotation.closed.v1")
    package static let rotationFailed = Self("rekey.rotation.failed.v1")
    package static let rotationRolledBack = Self("rekey.rotation.rolled-back.v1")
    /// A person has to decide: nothing moves until then.
    package static let rotationStuck = Self("rekey.rotation.stuck.v1")
    package static let commandIssued = Self("rekey.command.issued.v1")
    package static let commandAnswered = Self("rekey.command.answered.v1")
}
