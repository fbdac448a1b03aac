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
    private let waits = Mutex<[NaturalKey: Wait]>([:])

    /// How long an answer is still waited for.
    private struct Wait {
        var until: Date
        var seconds: Double
    }

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
        ledger.forgetFailure(order.key, of: settings.site)
        let outcome = await settings.publish(try publication(order, value))
        switch outcome {
        case .confirmed: beginWait(for: order.key)
        case .returned: throw failure(.transient, "the site has no queue: has its agent run?")
        case .refused(let why), .unknown(let why): throw failure(.transient, why)
        case .unpublishable(let why): throw failure(.permanent, why)
        }
    }

    /// What the agent answered; a delivery of an earlier process is made again.
    package func follow(_ order: HookOrder) async throws(StepFailure) -> HookProgressReport {
        if let answer = ledger.answer(of: settings.site, to: order.key), concerns(order, answer) {
            let isOurs = waits.withLock { $0.removeValue(forKey: order.key) } != nil
            let report = "site \(settings.site): \(answer.detail)"
            switch answer.outcome {
            case .applied: return .succeeded(report)
            case .failed:
                // Every worker hears it: where another had asked, it may be long over.
                guard isOurs else { return .notStarted }
                ledger.forget(order.key, of: settings.site)
                return .failed(report)
            }
        }
        guard let wait = waits.withLock({ $0[order.key] }) else { return .notStarted }
        return clock.now > wait.until ? .notStarted : .running
    }

    private func concerns(_ order: HookOrder, _ answer: SiteAnswer) -> Bool {
        answer.credential == order.credential.text && answer.sequence == order.sequence
    }

    /// Each wait is twice as long as the last: a site that is away for a day finds few deliveries.
    private func beginWait(for key: NaturalKey) {
        waits.withLock { waits in
            let seconds = min(
                waits[key].map { $0.seconds * 2 } ?? SiteHookSettings.patienceSeconds,
                SiteHookSettings.longestPatienceSeconds
            )
            waits[key] = Wait(until: clock.now + seconds, seconds: seconds)
        }
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
        if !settings.signerCertificate.matches(settings.signerKey) {
            let text = "the signer's key is not the one of its certificate"
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
