/// What the gateway listens to, and whom it believes.
package struct GatewaySettings: Equatable, Sendable {
    /// How an Event Grid subscription proves that it is one.
    package enum EventGridAuthentication: Equatable, Sendable {
        /// A header that only the subscription knows.
        case header(name: String, value: SecretSource)
        /// A token of Entra, for `audience`, from one of `applications`, which may need a role.
        case entra(tenant: String, audience: String, applications: [String], role: String?)
    }

    package struct EventGrid: Equatable, Sendable {
        package var authentication: EventGridAuthentication
        /// The subscriptions whose validation is answered; empty answers all authenticated ones.
        package var subscriptions: [String]
    }

    package static let defaultListen = "127.0.0.1:8080"

    package var host: String
    package var port: Int
    package var tls: CertificateFiles?
    package var eventGrid: EventGrid?
    /// The bearer token of the API; nil leaves the API closed but for health and metrics.
    package var apiToken: SecretSource?
}
