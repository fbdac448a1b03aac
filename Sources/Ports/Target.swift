package import Foundation
package import RekeyCore

/// A system that checks a credential.
///
/// What an adapter can do beyond this it says by the smaller protocols below.
package protocol Target: Sendable {
    /// What the target accepts for this credential, and which of it `current` is, where `current`
    /// is given and that can be told. Changes nothing.
    func inspect(current: Credential?) async throws(StepFailure) -> TargetState

    /// Signs in with `credential` on a fresh connection, and changes nothing.
    ///
    /// Throws `transient` for "not yet" (a new secret that has not spread), `permanent` for a
    /// refusal that will stay. `like` is the account whose identity and rights it has to have.
    func prove(_ credential: Credential, like account: AccountID?) async throws(StepFailure)

    /// Whether the target lets `credential` in now, on a fresh connection. Changes nothing.
    ///
    /// Unlike `prove` it answers false for a plain refusal, and throws where it cannot tell.
    func accepts(_ credential: Credential) async throws(StepFailure) -> Bool

    /// Ends the old credential. Doing it again changes nothing.
    func retire(_ account: AccountID, fence: Fence) async throws(StepFailure)

    /// Whether anybody uses the old credential, as far as the target can tell. Changes nothing.
    func silence(of account: AccountID) async throws(StepFailure) -> Silence

    /// Says what would keep a rotation from succeeding, without changing anything.
    func preflight() async throws(StepFailure) -> [Finding]
}

/// A target that takes the value Rekey chose: strategies `replace` and `alternate`.
package protocol InstallingTarget: Target {
    /// Makes the target accept `credential`. Doing it again with the same value changes nothing.
    ///
    /// Throws `refused` where the target's policy rejects the value itself.
    func install(_ credential: Credential, fence: Fence) async throws(StepFailure)
}

/// A target that makes values itself and gives each out once: strategy `addThenRemove`.
package protocol IssuingTarget: Target {
    /// Asks for a new credential labelled with `key`. **Not safe to repeat**: each call makes one.
    func issue(_ key: NaturalKey, expires: Date?) async throws(StepFailure) -> IssuedCredential

    /// The ids of the credentials labelled with `key`, after enough agreeing reads.
    func issued(_ key: NaturalKey) async throws(StepFailure) -> [AccountID]
}

/// A target that keeps two keys: strategy `dualKey`.
package protocol RegeneratingTarget: Target {
    /// Replaces the value of `slot`. **Not safe to repeat**: each call makes another value.
    func regenerate(_ slot: AccountID, key: NaturalKey) async throws(StepFailure)

    /// The present value of `slot`.
    func value(of slot: AccountID) async throws(StepFailure) -> Secret
}

/// A target that sees who is signed in.
package protocol WatchingTarget: Target {
    /// The sessions open now, of any account of the credential, that come from a workload. Changes
    /// nothing.
    ///
    /// Throws `permanent` where it may not see them, which is not the same as none.
    func sessions(from origin: SessionOrigin) async throws(StepFailure) -> [TargetSession]
}

/// What a target accepts.
package struct TargetState: Sendable, Equatable {
    package struct Accepted: Sendable, Equatable {
        package let account: AccountID
        /// The label it carries, such as a display name; ours are natural keys.
        package let label: String?
        package let expires: Date?
        package let created: Date?

        package init(
            _ account: AccountID,
            label: String? = nil,
            expires: Date? = nil,
            created: Date? = nil
        ) {
            self.account = account
            self.label = label
            self.expires = expires
            self.created = created
        }
    }

    package let accepted: [Accepted]
    /// Which of them the given current credential is; nil where it cannot be told.
    package let current: AccountID?
    /// The account that is to take the next value, where the target decides it.
    package let next: AccountID?

    package init(accepted: [Accepted], current: AccountID?, next: AccountID? = nil) {
        self.accepted = accepted
        self.current = current
        self.next = next
    }
}

/// A credential that a target made, with the value that it will not show again.
package struct IssuedCredential: Sendable {
    package let account: AccountID
    package let secret: Secret
    package let expires: Date?

    package init(account: AccountID, secret: Secret, expires: Date? = nil) {
        self.account = account
        self.secret = secret
        self.expires = expires
    }
}

/// What lets a target refuse a write that comes late, from a worker that lost its claim.
package struct Fence: Sendable, Equatable {
    package let installation: InstallationID
    package let credential: CredentialID
    package let sequence: Int
    package let epoch: Int64

    package init(
        installation: InstallationID,
        credential: CredentialID,
        sequence: Int,
        epoch: Int64
    ) {
        self.installation = installation
        self.credential = credential
        self.sequence = sequence
        self.epoch = epoch
    }
}
