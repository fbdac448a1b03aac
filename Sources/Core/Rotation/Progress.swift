package import Foundation

/// A deed that was begun and of which nobody has recorded an end.
package struct Intent: Codable, Equatable, Sendable {
    package let effect: Effect
    package let openedAt: Date
    /// When its call has certainly ended, one way or the other.
    package let deadline: Date
    /// The pass that it belongs to: going back begins another one while it may still be open.
    package let pass: Int
}

/// The candidate, as far as it has come.
package struct Candidate: Codable, Equatable, Sendable {
    /// Counts the values tried, from 1.
    package internal(set) var attempt = 1
    /// Attempts that a person, who resumed after them, does not count any more.
    package internal(set) var forgivenAttempts: Int?
    package internal(set) var account: AccountID?
    package internal(set) var staged: VersionID?
    /// Staged versions of earlier attempts, which nobody will read.
    package internal(set) var discarded: [VersionID] = []
    /// Made by the target, and not staged yet: the value is in the memory of one process.
    package internal(set) var issued: AccountID?
    /// Found at the target under our name, without a value: to be withdrawn.
    package internal(set) var orphans: [AccountID] = []
    /// The target's policy rejected the value; whether it is live has to be looked at.
    package internal(set) var isRefused = false
    /// Set with the first intent to change the target; cleared once a look says no.
    package internal(set) var mayBeLive = false
    package internal(set) var isApplied = false
    package internal(set) var isProved = false

    /// Whether another value may be tried.
    func mayTry(_ policy: RotationPolicy) -> Bool {
        attempt - (forgivenAttempts ?? 0) <= policy.valueAttempts
    }

    /// Whether there is a staged version to be disabled in the end.
    var wasStaged: Bool { staged != nil || !discarded.isEmpty }

    /// Puts the staged version aside, for another value.
    mutating func discardStaged() {
        if let staged { discarded.append(staged) }
        staged = nil
    }
}

/// A carrier, as far as it has come.
package struct CarrierProgress: Codable, Equatable, Sendable {
    /// The latest version that this rotation knows: the frozen one, then what it wrote.
    package internal(set) var latest: VersionID?
    /// The last pass that wrote it, from 1; 0 before any did.
    package internal(set) var pass = 0
    /// Read within the present step, and found as recorded.
    package internal(set) var isConfirmed = false
    /// Whether the next read takes whatever is latest as the base, as a person decided.
    package internal(set) var isRebasing = false
}

/// A workload, as far as it has come.
package struct WorkloadProgress: Codable, Equatable, Sendable {
    package internal(set) var refreshedPass = 0
    package internal(set) var evidencePass = 0
    package internal(set) var evidence = EvidenceLevel.none
    /// What speaks against more than that, in words.
    package internal(set) var remark: String?
}

/// A hook, as far as it has come.
package struct HookProgress: Codable, Equatable, Sendable {
    package enum State: Codable, Equatable, Sendable {
        case waiting, running, succeeded(String), failed(String)
        /// A later rotation hands on a later value.
        case superseded
    }

    package internal(set) var state = State.waiting
    package internal(set) var intent: Intent?
    package internal(set) var startedAt: Date?
    package internal(set) var failures = 0
    package internal(set) var retryAt: Date?
    /// Started once, and to be run again for the value that going back restored.
    package internal(set) var isRerun = false

    package var hasEnded: Bool {
        switch state {
        case .waiting, .running: false
        case .succeeded, .failed, .superseded: true
        }
    }

    package var hasSucceeded: Bool {
        if case .succeeded = state { return true }
        return false
    }
}

/// How far the end of a compromised credential is, where it has a deadline.
package struct Revocation: Codable, Equatable, Sendable {
    package internal(set) var dueAt: Date
    /// When the deadline was found to have passed with the old credential still accepted.
    package internal(set) var passedAt: Date?
    /// Who had not shown the new credential by then.
    package internal(set) var cutOff: [String] = []
    package internal(set) var ended: [AccountID] = []
    package internal(set) var intent: Intent?
    package internal(set) var failures = 0
    package internal(set) var retryAt: Date?
}
