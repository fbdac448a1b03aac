package import Foundation
package import RekeyCore

/// Keeps versions of secrets.
///
/// Whatever is newest is current: there is no "pending".
package protocol Vault: Sendable {
    /// Reads the latest version; nil where the name does not exist.
    ///
    /// A disabled latest version is returned without its value. Versions that a vault lists are
    /// in no order of time, so this is the only way to know which is current.
    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion?

    /// Reads one version; nil where there is none of this id.
    func version(_ id: VersionID, of name: SecretName) async throws(StepFailure) -> VaultVersion?

    /// Makes a new latest version with value and metadata in one write. **Not safe to repeat**:
    /// each call makes another version. Nothing of an earlier version is inherited.
    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID

    /// Disables one version. Doing it again changes nothing.
    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure)

    /// Says what would keep Rekey from writing `name`, without writing.
    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding]
}

/// A vault whose versions can be marked anew without another version.
package protocol RetaggingVault: Vault {
    /// Replaces all tags of one version. Doing it again changes nothing.
    func retag(
        _ id: VersionID,
        of name: SecretName,
        with tags: [String: String]
    )
        async throws(StepFailure)
}

/// A vault whose versions have addresses, by which anybody who may can read them.
package protocol AddressedVault: Vault {
    /// The address of one version, such as `https://orders.vault.azure.net/secrets/db/1f0a`.
    ///
    /// nil where the version has none. It is safe to print, and asks nobody.
    func uri(of id: VersionID, _ name: SecretName) -> String?
}

/// A version as a vault holds it.
package struct VaultVersion: Sendable {
    package let id: VersionID
    /// nil where the vault does not give it out, as for a disabled version.
    package let value: Secret?
    package let isEnabled: Bool
    package let expires: Date?
    package let created: Date?
    package let contentType: String?
    package let tags: [String: String]

    package init(
        id: VersionID,
        value: Secret?,
        isEnabled: Bool = true,
        expires: Date? = nil,
        created: Date? = nil,
        contentType: String? = nil,
        tags: [String: String] = [:]
    ) {
        self.id = id
        self.value = value
        self.isEnabled = isEnabled
        self.expires = expires
        self.created = created
        self.contentType = contentType
        self.tags = tags
    }
}

/// A version to be written.
package struct VaultEntry: Sendable {
    package let value: Secret
    package let expires: Date?
    package let contentType: String?
    package let tags: [String: String]

    package init(
        value: Secret,
        expires: Date? = nil,
        contentType: String? = nil,
        tags: [String: String] = [:]
    ) {
        self.value = value
        self.expires = expires
        self.contentType = contentType
        self.tags = tags
    }
}

/// Something that `check` or a preflight found, with what to do about it.
package struct Finding: Sendable, Equatable, Codable, CustomStringConvertible {
    package enum Severity: String, Sendable, Codable { case note, warning, problem }

    package let severity: Severity
    /// What it is about, such as `vault prod/db-password`.
    package let subject: String
    package let text: String
    package let hint: String?

    package init(_ severity: Severity, _ subject: String, _ text: String, hint: String? = nil) {
        self.severity = severity
        self.subject = subject
        self.text = text
        self.hint = hint
    }

    package var description: String { "\(severity): \(subject): \(text)" }
}
