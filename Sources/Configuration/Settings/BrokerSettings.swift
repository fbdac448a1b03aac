/// The broker's address, and whom to sign in as.
package struct BrokerSettings: Equatable, Sendable {
    /// One node; several are tried in turn.
    package struct Node: Equatable, Sendable {
        package var host: String
        package var port: Int
    }

    package static let defaultPort = 5672
    package static let defaultTLSPort = 5671
    package static let defaultVirtualHost = "/rekey"

    package var nodes: [Node]
    /// Whether the URLs say `amqps`.
    package var usesTLS: Bool
    package var virtualHost: String
    package var user: String
    package var password: SecretSource
    /// The path of a PEM file with the authorities to trust; nil trusts the system's.
    package var authorities: String?
    /// The paths of a client's certificate and its signing key, PEM.
    package var certificate: CertificateFiles?
}

/// The paths of a certificate and its signing key, PEM.
package struct CertificateFiles: Equatable, Sendable {
    package var certificate: String
    package var signingKey: String

    package init(certificate: String, signingKey: String) {
        self.certificate = certificate
        self.signingKey = signingKey
    }
}
