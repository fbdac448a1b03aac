package import RekeyCore
package import RekeyPlatform
package import RekeyPorts

/// A site, what its agent is to write and run, and by whose signature it knows the worker.
package struct SiteHookSettings: Sendable {
    /// Publishes, confirmed; the answer is the broker's.
    package typealias Publisher = @Sendable (Publication) async -> PublishOutcome

    /// How long a delivery is good for.
    package static let lifetimeSeconds: Double = 3_600
    /// How long an answer is waited for before the delivery is made again, at first and at most.
    package static let patienceSeconds: Double = 30
    package static let longestPatienceSeconds: Double = 1_800

    package var name: HookName
    package var site: String
    package var siteCertificate: Certificate
    package var signerCertificate: Certificate
    package var signerKey: PrivateKey
    package var path: String
    package var variable: String
    package var command: [String]
    package var publish: Publisher

    package init(
        name: HookName,
        site: String,
        siteCertificate: Certificate,
        signerCertificate: Certificate,
        signerKey: PrivateKey,
        path: String,
        variable: String,
        command: [String],
        publish: @escaping Publisher
    ) {
        self.name = name
        self.site = site
        self.siteCertificate = siteCertificate
        self.signerCertificate = signerCertificate
        self.signerKey = signerKey
        self.path = path
        self.variable = variable
        self.command = command
        self.publish = publish
    }
}
