import AutomationHook
import HTTPWorkload
import RekeyAzure
import RekeyConfiguration
import RekeyCore
import RekeyPlatform
import RekeyPorts
import RekeyWorker
import SiteHook

extension Assembly {
    static func workload(
        _ settings: WorkloadSettings,
        _ secrets: SecretResolver
    ) throws -> any Workload {
        switch settings.kind {
        case .http(let http):
            let own = HTTPAdapterSettings(
                name: settings.name,
                checks: http.checks.map {
                    .init(
                        url: $0.url,
                        status: $0.status,
                        pointer: $0.pointer,
                        equals: $0.equals,
                        shows: $0.shows
                    )
                },
                challengeURL: http.challengeURL,
                reloadURL: http.reloadURL,
                header: http.header,
                token: http.token.map { secrets.source($0) },
                timeoutSeconds: http.timeoutSeconds
            )
            let trust = http.authorities.map { TLSTrust.file($0) } ?? .system
            return HTTPWorkload(own, http: HTTPClient(trust: trust, name: settings.name.text))
        }
    }

    static func hook(
        _ hook: HookSettings,
        _ settings: Settings,
        _ azure: AzureAccess?,
        _ sites: SiteAccess
    ) throws -> any Hook {
        switch hook.kind {
        case .automation(let automation):
            return try automationHook(automation, hook.name, settings, azure)
        case .site(let site): return try siteHook(site, hook.name, settings, sites)
        }
    }

    private static func automationHook(
        _ automation: RekeyConfiguration.AutomationHookSettings,
        _ name: HookName,
        _ settings: Settings,
        _ azure: AzureAccess?
    ) throws -> any Hook {
        guard let azure else {
            throw Problem("hook \(name) needs the section azure", code: Problem.configuration)
        }
        let delivery: AutomationAdapterSettings.Delivery
        switch automation.delivery {
        case .reference: delivery = .reference
        case .includeSecret: delivery = .includeSecret
        case .sealed:
            guard let site = automation.site.flatMap({ settings.sites[$0] }) else {
                throw Problem("hook \(name) seals for no site", code: Problem.configuration)
            }
            delivery = .sealed(try certificate(site.certificate))
        }
        let own = AutomationAdapterSettings(
            name: name,
            subscription: automation.subscription,
            resourceGroup: automation.resourceGroup,
            account: automation.account,
            runbook: automation.runbook,
            runOn: automation.runOn,
            parameters: automation.parameters,
            delivery: delivery
        )
        let arm = try ARMClient(
            environment: azure.environment,
            http: azure.http,
            tokens: azure.tokens
        )
        return AutomationHook(own, arm: arm)
    }

    private static func siteHook(
        _ hook: RekeyConfiguration.SiteHookSettings,
        _ name: HookName,
        _ settings: Settings,
        _ sites: SiteAccess
    ) throws -> any Hook {
        guard let site = settings.sites[hook.site], let signer = settings.signer else {
            throw Problem("hook \(name) needs its site and a signer", code: Problem.configuration)
        }
        let own = SiteAdapterSettings(
            name: name,
            site: hook.site,
            siteCertificate: try certificate(site.certificate),
            signerCertificate: try certificate(signer.certificate),
            signerKey: try signingKey(signer.signingKey),
            path: hook.path,
            variable: hook.variable,
            command: hook.command,
            publish: { await sites.publish($0) }
        )
        return SiteHook(own, ledger: sites.ledger, clock: SystemClock())
    }

    /// A certificate from a PEM file; the problem names the file.
    static func certificate(_ path: String) throws -> Certificate {
        do {
            return try Certificate(pem: SecretResolver.file(path).bytes)
        } catch let failure as StepFailure {
            let hint = "`rekey init --signer` makes the signer's; see `rekey site add --help`"
            throw Problem(failure.reason, hint: hint, code: Problem.configuration)
        } catch {
            throw Problem("\(path) holds no certificate: \(error)", code: Problem.configuration)
        }
    }

    static func signingKey(_ path: String) throws -> PrivateKey {
        do {
            return try PrivateKey(pem: SecretResolver.file(path))
        } catch let failure as StepFailure {
            let hint = "`rekey init --signer NAME` makes NAME.key and NAME.pem"
            throw Problem(failure.reason, hint: hint, code: Problem.configuration)
        } catch {
            throw Problem("\(path) holds no signing key: \(error)", code: Problem.configuration)
        }
    }
}
