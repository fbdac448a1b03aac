import Foundation

/// An Entra application with its service principal, as both Graph and the token endpoint know it.
struct ApplicationRecord: Sendable {
    /// What the scenario and the control API call it.
    let name: String
    let appID: String
    let objectID: String
    let servicePrincipalID: String
    var displayName: String
    var signInAudience = "AzureADMyOrg"
    /// Names of the applications that own it.
    var owners: [String] = []
    var createdAt: Date
    var isAccountEnabled = true
    var passwords: [PasswordRecord] = []
    var certificates: [CertificateRecord] = []
    var federated: [FederatedRecord] = []
    var graphRights: Set<String> = []
    var armRights: Set<String> = []
    var roles: [String] = []

    /// The most passwords that Graph lets it have; nil where only the object's size limits them.
    var passwordLimit: Int? {
        ["AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"]
            .contains(signInAudience) ? 2 : nil
    }

    /// How many reads Graph has answered, for flapping.
    var reads = 0

    var livePasswords: [PasswordRecord] { passwords.filter { $0.removedAt == nil } }
}

/// A password of an application, kept after its removal because reads lag.
struct PasswordRecord: Sendable {
    let keyID: String
    var displayName: String?
    let start: Date
    let end: Date
    let value: String
    /// By the machine's clock, as lags count.
    let addedAt: Date
    var removedAt: Date?

    var hint: String { String(value.prefix(3)) }
    var digest: String { SecretDigest.hex(value) }

    /// Whether the token endpoint takes it at these times.
    func isAccepted(now: Date, real: Date, lagSeconds: Double) -> Bool {
        removedAt == nil && start <= now && now < end
            && real >= addedAt.addingTimeInterval(lagSeconds)
    }
}

/// A certificate that may sign client assertions.
struct CertificateRecord: Sendable {
    let keyID: String
    /// SHA-1 and SHA-256 of the certificate, as hexadecimal digits.
    let thumbprint: String
    let thumbprint256: String
    let publicKeyFile: String
}

/// A federated credential: whose tokens stand for the application.
struct FederatedRecord: Sendable {
    let subject: String
    let issuer: String
    let audience: String
    let publicKeyFile: String
}
