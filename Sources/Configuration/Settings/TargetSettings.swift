package import RekeyCore

/// A system that checks a credential, with what its adapter needs.
package enum TargetSettings: Equatable, Sendable {
    case postgres(PostgresTargetSettings)
    case entraApplication(EntraApplicationSettings)

    /// The kind's name, as in the configuration and under `policies.kinds`.
    package var kind: String {
        switch self {
        case .postgres: "postgres"
        case .entraApplication: "entraApplication"
        }
    }

    /// The kind of a secret without a target.
    package static let noKind = "none"
    package static let kinds = ["postgres", "entraApplication", noKind]

    /// The strategies that the target can do; the first is what it does unless told otherwise.
    package var strategies: [Strategy] {
        switch self {
        case .postgres(let settings): settings.accounts.count == 2 ? [.alternate] : [.replace]
        case .entraApplication: [.addThenRemove]
        }
    }

    /// What two credentials must not have in common.
    var accountsInUse: [String] {
        switch self {
        case .postgres(let settings):
            settings.accounts.map { "\(settings.host):\(settings.port)/\($0)" }
        case .entraApplication(let settings): [settings.objectID.lowercased()]
        }
    }
}

/// A PostgreSQL server and the roles in it that rotate.
package struct PostgresTargetSettings: Equatable, Sendable {
    package enum TLSMode: String, Sendable, CaseIterable {
        /// Never in the clear, and the server's certificate and name are checked.
        case verifyFull = "verify-full"
        /// In the clear: for a server on this machine only.
        case off
    }

    /// What the server is sent: it cannot check the strength of a verifier.
    package enum PasswordForm: String, Sendable, CaseIterable { case scram, plaintext }

    package static let defaultPort = 5432

    package var host: String
    package var port: Int
    package var database: String
    package var tlsMode: TLSMode
    /// The path of a PEM file; nil trusts the system's.
    package var authorities: String?
    package var administrator: String
    package var administratorPassword: SecretSource
    /// One role is replaced in place; two take turns.
    package var accounts: [AccountID]
    /// The NOLOGIN role as which both accounts act.
    package var owner: String?
    package var passwordForm: PasswordForm
}

/// An application in Entra, whose client secrets rotate.
package struct EntraApplicationSettings: Equatable, Sendable {
    package var tenantID: String
    /// The client id, as which the application signs in.
    package var applicationID: String
    /// The application's object id, not its service principal's.
    package var objectID: String
    /// What the application has to be called; nil for whatever.
    package var displayName: String?
    /// Object ids of those who must own the application.
    package var owners: [String]
    /// The resource for which a new secret is proven; Microsoft Graph where nil.
    package var proofResource: String?
    /// How many token requests in a row have to succeed.
    package var proveCount: Int
    /// How long reads have to agree that a secret is gone; they are a twentieth of it apart.
    package var settleSeconds: Double

    package static let defaultProveCount = 5
    package static let defaultSettleSeconds = 20.0
}
