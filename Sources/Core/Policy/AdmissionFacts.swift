package import Foundation

/// What was asked for.
package struct AdmissionRequest: Equatable, Sendable {
    package let reason: RotationReason
    /// The version that a near-expiry event names.
    package let hint: VersionID?
    /// Whether it is a hint (an event, the sweeper) and so has to be due, or somebody's wish.
    package let isHint: Bool
    /// Whether it may overwrite an account that is owed.
    package let isForced: Bool

    package init(
        reason: RotationReason,
        hint: VersionID? = nil,
        isHint: Bool,
        isForced: Bool = false
    ) {
        self.reason = reason
        self.hint = hint
        self.isHint = isHint
        self.isForced = isForced
    }
}

/// What was found out before admission, by reads alone.
package struct AdmissionFacts: Equatable, Sendable {
    package struct Carrier: Equatable, Sendable {
        package let latest: VersionID?
        package let expires: Date?
        /// Another installation's id, where its tag is on the latest version.
        package let foreignOwner: String?
        /// The `rekey-seq` on the latest version.
        package let sequence: Int?
        /// Whether the latest version is there, and its value is given to nobody.
        package let isDisabled: Bool

        package init(
            latest: VersionID?,
            expires: Date?,
            foreignOwner: String? = nil,
            sequence: Int? = nil,
            isDisabled: Bool = false
        ) {
            self.latest = latest
            self.expires = expires
            self.foreignOwner = foreignOwner
            self.sequence = sequence
            self.isDisabled = isDisabled
        }
    }

    package var carriers: [Carrier]
    package var carriersAgree: Bool
    package var running: RotationID?
    package var recordedSequence: Int
    package var isPaused: Bool
    package var notBefore: Date?
    /// Since when the credential is what it is, by the journal: rotated last, or else adopted.
    package var valueSince: Date?
    package var previousAccount: AccountID?
    package var candidateAccount: AccountID?
    /// What the journal or a tag takes for the current account, is still accepted, and is not what
    /// the carriers hold: somebody put another value there.
    package var supersededAccount: AccountID?
    /// Why what a carrier holds must not be rotated, such as key-ring material.
    package var subjectRefusal: String?
    /// Why nothing could be revoked after a rotation: which account the carriers hold is untold.
    package var accountRefusal: String?
    /// What the journal says is still accepted and has to be revoked.
    package var unpaidDebts: [AccountID]

    package init(
        carriers: [Carrier],
        carriersAgree: Bool = true,
        running: RotationID? = nil,
        recordedSequence: Int = 0,
        isPaused: Bool = false,
        notBefore: Date? = nil,
        valueSince: Date? = nil,
        previousAccount: AccountID? = nil,
        candidateAccount: AccountID? = nil,
        subjectRefusal: String? = nil,
        unpaidDebts: [AccountID] = []
    ) {
        self.carriers = carriers
        self.carriersAgree = carriersAgree
        self.running = running
        self.recordedSequence = recordedSequence
        self.isPaused = isPaused
        self.notBefore = notBefore
        self.valueSince = valueSince
        self.previousAccount = previousAccount
        self.candidateAccount = candidateAccount
        self.subjectRefusal = subjectRefusal
        self.unpaidDebts = unpaidDebts
    }
}
