/// The Azure cloud in use, and who Rekey is in it.
package struct AzureSettings: Equatable, Sendable {
    /// How Rekey proves to Entra who it is.
    package enum Identity: Equatable, Sendable {
        case clientSecret(client: String, secret: SecretSource)
        /// A certificate and its signing key in PEM files.
        case certificate(client: String, files: CertificateFiles)
        /// A file with a token that somebody else renews, such as a workload identity's.
        case federated(client: String, tokenFile: String)
        /// The machine's own; `client` chooses among several.
        case managedIdentity(client: String?)

        package var kind: String {
            switch self {
            case .clientSecret: "clientSecret"
            case .certificate: "certificate"
            case .federated: "federated"
            case .managedIdentity: "managedIdentity"
            }
        }
    }

    /// Which of Microsoft's clouds: each has its own addresses, and its own vaults' host names.
    package enum Cloud: String, Sendable, CaseIterable {
        case `public`
        case usGovernment
        case china
    }

    package static let defaultInstanceMetadata = "http://169.254.169.254"

    package var tenant: String
    package var identity: Identity
    package var cloud = Cloud.public
    /// Other addresses than the cloud's own, as of a private endpoint; tokens stay the cloud's.
    package var authority: String?
    package var graph: String?
    package var resourceManager: String?
    package var instanceMetadata = AzureSettings.defaultInstanceMetadata
    /// The path of a PEM file with further authorities to trust.
    package var authorities: String?
}
