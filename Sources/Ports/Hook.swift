package import Foundation
package import RekeyCore

/// Tells or asks somebody when a rotation is complete.
package protocol Hook: Sendable {
    /// Whether `start` has to be given the value itself.
    var needsValue: Bool { get }

    /// Begins. Doing it again with the same key starts no second run.
    func start(_ order: HookOrder) async throws(StepFailure)

    /// How far it is. Throws `unknown` never; a hook that was not started is `notStarted`.
    func follow(_ order: HookOrder) async throws(StepFailure) -> HookProgressReport

    /// Says what would keep it from succeeding, without changing anything.
    func preflight() async throws(StepFailure) -> [Finding]
}

/// What a hook is to pass on.
package struct HookOrder: Sendable {
    package let key: NaturalKey
    package let rotation: RotationID
    package let credential: CredentialID
    /// Rises with every value that is handed on for the credential.
    package let sequence: Int
    package let carriers: [CarrierVersion]
    /// The account that goes with the value: a user, a client id, a key's id.
    package let account: AccountID?
    /// The bare credential, only where the hook `needsValue`.
    package let value: Secret?
    package let deadline: Date

    package init(
        key: NaturalKey,
        rotation: RotationID,
        credential: CredentialID,
        sequence: Int,
        carriers: [CarrierVersion],
        account: AccountID?,
        value: Secret?,
        deadline: Date
    ) {
        self.key = key
        self.rotation = rotation
        self.credential = credential
        self.sequence = sequence
        self.carriers = carriers
        self.account = account
        self.value = value
        self.deadline = deadline
    }
}

/// How far a hook is.
package enum HookProgressReport: Sendable, Equatable {
    case notStarted
    case running
    /// With a word of evidence, such as a job's id; never a value.
    case succeeded(String)
    case failed(String)
}
