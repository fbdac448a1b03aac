package import RekeyPlatform

/// Which site this is, how it opens what is sealed for it, and whom it believes.
package struct AgentSettings: Sendable {
    package var site: String
    package var certificate: Certificate
    package var key: PrivateKey
    /// The worker's certificates; two while one is being replaced.
    package var signers: [Certificate]
    /// Where the agent remembers what it applied.
    package var directory: String
    /// How long a command may run before it is killed.
    package var commandSeconds: Double
    /// How long it pauses before it tries again to write its journal or to publish an answer.
    package var retrySeconds: Double
    /// The broker's user as which it answers.
    package var user: String

    package init(
        site: String,
        certificate: Certificate,
        key: PrivateKey,
        signers: [Certificate],
        directory: String,
        commandSeconds: Double = 60,
        retrySeconds: Double = 5,
        user: String
    ) {
        self.site = site
        self.certificate = certificate
        self.key = key
        self.signers = signers
        self.directory = directory
        self.commandSeconds = commandSeconds
        self.retrySeconds = retrySeconds
        self.user = user
    }
}
