/// An on-prem place with an agent.
package struct SiteSettings: Equatable, Sendable {
    package var name: String
    /// The path of the certificate for which messages to the site are sealed, PEM.
    package var certificate: String
    /// The broker's user as which the agent answers.
    package var user: String
}
