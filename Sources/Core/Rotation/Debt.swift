package import Foundation

/// A credential that a target still accepts and that must be revoked.
package struct Debt: Codable, Equatable, Sendable {
    package let credential: CredentialID
    package let target: TargetName?
    /// What the target calls it.
    package let account: AccountID
    package let rotation: RotationID
    package let since: Date
    package var isPaid: Bool

    package init(
        credential: CredentialID,
        target: TargetName?,
        account: AccountID,
        rotation: RotationID,
        since: Date,
        isPaid: Bool = false
    ) {
        self.credential = credential
        self.target = target
        self.account = account
        self.rotation = rotation
        self.since = since
        self.isPaid = isPaid
    }
}
