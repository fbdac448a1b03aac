package import Foundation
package import RekeyCore

/// What an application registration is, for `rekey check` and `rekey plan`: no values.
package struct ApplicationFacts: Equatable, Sendable {
    package struct Password: Equatable, Sendable {
        package let account: AccountID
        /// The display name as it is.
        package let label: String?
        /// The first characters of the value, which Graph shows to every reader.
        package let hint: String?
        package let start: Date?
        package let expires: Date?
    }

    package struct Owner: Equatable, Sendable {
        package let id: String
        /// Such as `servicePrincipal` or `user`.
        package let kind: String
        package let displayName: String?
    }

    package let objectID: String
    package let applicationID: String
    package let displayName: String?
    package let created: Date?
    /// When the newest of its passwords begins.
    package let lastUpdated: Date?
    package let signInAudience: String?
    package let passwords: [Password]
    /// How many passwords there may be; nil for no small limit.
    package let maximumPasswords: Int?
    /// nil where they were not read, or could not be.
    package let owners: [Owner]?

    /// Whether Rekey may write here, by its configuration.
    package let isEnabled: Bool
    package let lifetimeDays: Int
    package let updateThresholdHours: Int

    /// The passwords that work now and end within the threshold.
    package func nearExpiry(at now: Date) -> [Password] {
        let threshold = now.addingTimeInterval(Double(updateThresholdHours) * 3600)
        return passwords.filter { password in
            guard let expires = password.expires else { return false }
            return expires > now && expires <= threshold
        }
    }
}
