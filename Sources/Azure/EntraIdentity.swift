package import RekeyCore
package import RekeyPlatform

/// How Rekey proves to Entra who it is.
package enum EntraIdentity: Sendable {
    /// Where a secret is read from, each time anew: it may have been rotated.
    package typealias SecretSource = @Sendable () async throws(StepFailure) -> Secret

    case clientSecret(tenant: String, client: String, secret: SecretSource)
    case certificate(tenant: String, client: String, ClientCertificate)
    /// `file` is what `AZURE_FEDERATED_TOKEN_FILE` names, and is rewritten by the platform.
    case federated(tenant: String, client: String, file: String)
    case managed(ManagedIdentity)
}

/// A certificate registered with an application, and its private key.
package struct ClientCertificate: Sendable {
    package let certificate: Certificate
    let key: PrivateKey

    /// Throws where the key is not the certificate's.
    package init(_ certificate: Certificate, key: PrivateKey) throws(StepFailure) {
        guard certificate.matches(key) else {
            throw StepFailure(.permanent, "client certificate: the private key is another one's")
        }
        self.certificate = certificate
        self.key = key
    }
}

/// The identity that Azure gives to the machine or the app on which Rekey runs (azure.md §1a).
package struct ManagedIdentity: Sendable {
    package enum Host: Sendable {
        /// The metadata service of a virtual machine or an AKS node, at its link-local address.
        case metadata(endpoint: String)
        /// App Service, Functions, Container Apps: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
        case app(endpoint: String, header: Secret)

        package static let standardMetadata = Host.metadata(endpoint: "http://169.254.169.254")
    }

    /// Which of several identities.
    package enum Selector: Sendable {
        case system
        case clientID(String)
        case objectID(String)
        case resourceID(String)
    }

    package let host: Host
    package let selector: Selector

    package init(_ host: Host, selector: Selector = .system) {
        self.host = host
        self.selector = selector
    }
}
