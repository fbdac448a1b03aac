/// How a connection is encrypted: TLS 1.2 at least, peer and host name always verified.
package struct RabbitMQTLS: Sendable, Equatable {
    /// A client's certificate chain and its signing key, as PEM files.
    package struct Identity: Sendable, Equatable {
        package let certificateFile: String
        package let keyFile: String

        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// The authorities to trust, as a PEM file: librabbitmq 0.11 has no default of its own.
    package let caFile: String
    package let identity: Identity?

    package init(caFile: String, identity: Identity? = nil) {
        self.caFile = caFile
        self.identity = identity
    }
}
