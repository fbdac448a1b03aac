package import RekeyAzure
package import RekeyCore

/// What the gateway listens to, and whom it believes.
package struct GatewaySettings: Sendable {
    package typealias SecretSource = @Sendable () async throws(StepFailure) -> Secret

    /// How a subscription proves that it is one of ours.
    package enum Authentication: Sendable {
        case header(name: String, value: SecretSource)
        case entra(EntraTokenVerifier)
    }

    /// PEM files of the gateway's own certificate.
    package struct Certificate: Sendable {
        package let certificatePath: String
        package let keyPath: String

        package init(certificatePath: String, keyPath: String) {
            self.certificatePath = certificatePath
            self.keyPath = keyPath
        }
    }

    /// The longest body; Event Grid delivers at most 1 MB.
    package static let bodyByteLimit = 1_024 * 1_024
    /// Where CloudEvents handshakes come from (azure.md §3).
    package static let allowedOrigins: Set<String> = ["eventgrid.azure.net"]

    package var host: String
    package var port: Int
    /// The broker's user as which it publishes, so that its word about callers counts.
    package var brokerUser: String?
    package var tls: Certificate?
    /// nil answers no event at all.
    package var eventGrid: Authentication?
    /// The subscriptions whose validation is answered; empty answers all authenticated ones.
    package var subscriptions: Set<String>
    /// The bearer token of the API; nil closes it.
    package var apiToken: SecretSource?

    package init(
        host: String,
        port: Int,
        brokerUser: String? = nil,
        tls: Certificate? = nil,
        eventGrid: Authentication? = nil,
        subscriptions: Set<String> = [],
        apiToken: SecretSource? = nil
    ) {
        self.host = host
        self.port = port
        self.brokerUser = brokerUser
        self.tls = tls
        self.eventGrid = eventGrid
        self.subscriptions = subscriptions
        self.apiToken = apiToken
    }
}
