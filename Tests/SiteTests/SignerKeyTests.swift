import RekeyCore
import RekeyPlatform
import RekeyPorts
import RekeyWorker
import SiteHook
import Testing

@Suite struct `A signer's key` {
    // It was found out by the first delivery, after the new value was in its vault.
    @Test func `is compared with its certificate before anything rotates`() async throws {
        let (own, other) = (try PrivateKey.generate(.p256), try PrivateKey.generate(.p256))
        let certificate = try Certificate.selfSigned(
            commonName: "worker",
            key: own,
            validFor: .seconds(3_600),
            purpose: .signing
        )
        for (key, problems) in [(own, 0), (other, 1)] {
            let settings = SiteHookSettings(
                name: "hosts",
                site: "cairo",
                siteCertificate: certificate,
                signerCertificate: certificate,
                signerKey: key,
                path: "/srv/app/.env",
                variable: "SECRET",
                command: [],
                publish: { _ in .unknown("nobody") }
            )
            let hook = SiteHook(settings, ledger: SiteLedger(users: [:]), clock: SystemClock())
            let findings = try await hook.preflight()
            #expect(findings.count { $0.severity == .problem } == problems)
        }
    }
}
