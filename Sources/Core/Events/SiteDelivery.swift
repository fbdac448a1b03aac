package import Foundation

/// What a worker hands to a site's agent: signed as a whole, with the value sealed inside.
package struct SiteDelivery: Codable, Equatable, Sendable {
    package var site: String
    package var credential: String
    /// The natural key of the delivery: the agent does it once, however often it comes.
    package var key: String
    /// Only a higher one than the last applied of the credential is taken.
    package var sequence: Int
    /// Seconds since 1970 after which the agent refuses it.
    package var expires: Double
    /// The `.env` file, absolute, and the variable in it.
    package var path: String
    package var variable: String
    /// What to run afterwards, with its arguments; empty runs nothing.
    package var command: [String]
    /// CMS EnvelopedData in DER, as base64.
    package var sealed: Data

    package init(
        site: String,
        credential: String,
        key: String,
        sequence: Int,
        expires: Double,
        path: String,
        variable: String,
        command: [String],
        sealed: Data
    ) {
        self.site = site
        self.credential = credential
        self.key = key
        self.sequence = sequence
        self.expires = expires
        self.path = path
        self.variable = variable
        self.command = command
        self.sealed = sealed
    }

    package static let contentType = "application/pkcs7-mime"

    package static func routingKey(site: String) -> String { "site.\(site).delivery" }
}

/// What a site's agent answers: never a value, nor a digest of one.
package struct SiteAnswer: Codable, Equatable, Sendable {
    package enum Outcome: String, Codable, Sendable { case applied, failed }

    package var site: String
    package var credential: String
    package var key: String
    package var sequence: Int
    package var outcome: Outcome
    /// Codes and names only.
    package var detail: String

    package init(
        site: String,
        credential: String,
        key: String,
        sequence: Int,
        outcome: Outcome,
        detail: String
    ) {
        self.site = site
        self.credential = credential
        self.key = key
        self.sequence = sequence
        self.outcome = outcome
        self.detail = detail
    }

    package static let type = EventType("rekey.site.answered.v1")

    package static func routingKey(site: String) -> String { "site.\(site).answered" }

    /// The broker's user of a site's agent, unless it is told another.
    package static func standardUser(site: String) -> String { "rekey-agent-\(site)" }

    /// What the names of the queues begin with in which each worker finds every site's answers.
    package static let queue = "rekey.site-answers"
}
