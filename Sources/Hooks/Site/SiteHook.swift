import Foundation
package import RekeyCore
import RekeyPlatform
package import RekeyPorts
import Synchronization

/// Hands a value to an on-prem site: sealed for the site's certificate, signed by the worker's.
///
/// The inner part opens with `openssl cms -decrypt`; the agent verifies the outer one first.
package final class SiteHook: Hook {
    package let needsValue = true

    private let settings: SiteHookSettings
    private let ledger: SiteLedger
    private let clock: any RekeyPorts.Clock
    private let published = Mutex<[NaturalKey: Date]>([:])

    package init(_ settings: SiteHookSettings, ledger: SiteLedger, clock: any RekeyPorts.Clock) {
        self.settings = settings
        self.ledger = ledger
        self.clock = clock
    }

    /// Publishes the delivery.
    ///
    /// The agent does it once for its key, however often it comes.
    package func start(_ order: HookOrder) async throws(StepFailure) {
        guard let value = order.value else {
            throw failure(.permanent, "there is no value to deliver")
        }
        let outcome = await settings.publish(try publication(order, value))
        switch outcome {
        case .confirmed: published.withLock { $0[order.key] = clock.now }
        case .returned: throw failure(.transient, "the site has no queue: has its agent run?")
        case .refused(let why), .unknown(let why): throw failure(.transient, why)
        }
    }

    /// What the agent answered; a delivery of an earlier process is made again.
    package func follow(_ order: HookOrder) async throws(StepFailure) -> HookProgressReport {
        if let answer = ledger.answer(to: order.key) {
            switch answer.outcome {
            case .applied: return .succeeded("site \(settings.site): \(answer.detail)")
            case .failed:
                ledger.forget(order.key)
                return .failed("site \(settings.site): \(answer.detail)")
            }
        }
        guard let at = published.withLock({ $0[order.key] }) else { return .notStarted }
        let isLate = clock.now > at + SiteHookSettings.patienceSeconds
        return isLate ? .notStarted : .running
    }

    package func preflight() async throws(StepFailure) -> [Finding] {
        var findings: [Finding] = []
        let certificates = [
            ("the site's certificate", settings.siteCertificate),
            ("the signer's certificate", settings.signerCertificate),
        ]
        for (name, certificate) in certificates where certificate.notAfter < clock.now {
            let text = "\(name) ended on \(Timestamp.text(certificate.notAfter))"
            findings.append(Finding(.problem, "hook \(settings.name)", text))
        }
        return findings
    }

    private func publication(
        _ order: HookOrder,
        _ value: Secret
    ) throws(StepFailure) -> Publication {
        do {
            let delivery = SiteDelivery(
                site: settings.site,
                credential: order.credential.text,
                key: order.key.text,
                sequence: order.sequence,
                expires: clock.now.timeIntervalSince1970 + SiteHookSettings.lifetimeSeconds,
                path: settings.path,
                variable: settings.variable,
                command: settings.command,
                sealed: Data(try CMS.encrypt(value, to: settings.siteCertificate))
            )
            let signed = try CMS.sign(
                [UInt8](try JSONEncoder().encode(delivery)),
                certificate: settings.signerCertificate,
                key: settings.signerKey
            )
            return Publication(
                exchange: "rekey.events",
                routingKey: SiteDelivery.routingKey(site: settings.site),
                body: signed,
                properties: EventProperties(
                    messageID: UUIDv5.text(in: order.rotation.text, ["site", order.key.text]),
                    contentType: SiteDelivery.contentType,
                    correlationID: order.rotation.text,
                    appID: "rekey"
                )
            )
        } catch {
            throw failure(.permanent, "the delivery cannot be sealed: \(error)")
        }
    }

    private func failure(_ kind: StepFailure.Kind, _ what: String) -> StepFailure {
        StepFailure(kind, "hook \(settings.name): \(what)")
    }
}
