package import Foundation
package import RekeyCore

/// One change of an `InMemoryVault`, in the order in which they happened.
package struct VaultChange: Equatable, Sendable {
    package enum Deed: String, Sendable {
        case written, disabled, enabled, deleted, recovered
    }

    package let sequence: Int
    package let time: Date
    package let deed: Deed
    package let name: SecretName
    /// nil where the whole name was changed.
    package let version: VersionID?
    /// Whether it came through the port, or by another hand.
    package let isForeign: Bool
}

/// One version as an outside observer sees it: its value only as a digest.
package struct VaultListing: Equatable, Sendable {
    package let name: SecretName
    package let version: VersionID
    package let digest: String
    package let isLatest: Bool
    package let isEnabled: Bool
    package let expires: Date?
    package let created: Date?
    package let tags: [String: String]
}
