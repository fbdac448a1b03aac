/// A setting of a rotation policy, by its key in the configuration.
package enum PolicyField: String, Codable, Sendable, CaseIterable, Comparable {
    case enabled, lifetime, updateThreshold, grace, notifyNearExpiry, approval, window, generator
    case proveDeadline, verifyDeadline, hookDeadline, approvalDeadline, callDeadline
    case valueAttempts, callAttempts, probesPerHour, firstBackoff, longestBackoff

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Where a setting of a policy was said.
package enum PolicyOrigin: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Nowhere: it is Rekey's own.
    case builtIn
    case defaults
    case environment(String)
    case kind(String)
    case secret(CredentialID)

    /// As a path of the configuration, such as `policies.kinds.postgres`.
    package var description: String {
        switch self {
        case .builtIn: "built in"
        case .defaults: "policies.default"
        case .environment(let name): "policies.environments.\(name)"
        case .kind(let name): "policies.kinds.\(name)"
        case .secret(let id): "secrets.\(id).policy"
        }
    }
}
