package import Foundation
package import RekeyCore

/// Gives out tokens for Azure's APIs, from its own cache while they are fresh.
package protocol TokenSource: Sendable {
    /// A token for `resource`, such as `https://vault.azure.net`.
    ///
    /// `claims` is what a resource demanded in its challenge; a cached token is then not used.
    /// Asking again changes nothing. Throws `permanent` where Entra refuses the identity.
    func token(for resource: String, claims: String?) async throws(StepFailure) -> AccessToken

    /// Drops what is cached for `resource`, because the resource refused it.
    func forget(_ resource: String) async
}

/// A bearer token, which is a secret, and its end.
package struct AccessToken: Sendable {
    package let secret: Secret
    package let expires: Date
    /// When a new one should be asked for, although this one still works.
    package let refreshes: Date

    package init(secret: Secret, expires: Date, refreshes: Date) {
        self.secret = secret
        self.expires = expires
        self.refreshes = refreshes
    }
}
