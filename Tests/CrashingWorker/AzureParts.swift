import AutomationHook
import AzureKeyVault
import CrashSupport
import EntraApplicationTarget
import Foundation
import PostgresTarget
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts
import RekeyPostgres

/// Key Vault and Entra as one identity.
struct AzureParts: Sendable {
    private let facts: WorldFile.Azure
    private let http: HTTPClient
    private let tokens: EntraTokens
    private let environment: AzureEnvironment

    init(_ facts: WorldFile.Azure) {
        self.facts = facts
        http = HTTPClient(trust: .file(facts.trustFile), name: "azure")
        environment = AzureEnvironment(
            authority: facts.authority,
            graph: facts.graph,
            graphResource: "https://graph.microsoft.com",
            resourceManager: facts.resourceManager,
            resourceManagerResource: "https://management.azure.com",
            vaultSuffix: "vault.azure.net"
        )
        let file = facts.secretFile
        tokens = EntraTokens(
            .clientSecret(tenant: facts.tenant, client: facts.client) { Self.secret(at: file) },
            environment: environment,
            http: http
        )
    }

    func vault() throws -> AzureKeyVault {
        var settings = AzureKeyVaultSettings(
            name: "app",
            url: facts.vaultURL,
            environment: environment
        )
        settings.verifiesChallengeResource = false
        return try AzureKeyVault(settings, http: http, tokens: tokens)
    }

    /// An application's secrets, with milliseconds where Azure needs seconds.
    func application(_ id: String, agreeingReads: Int = 2) throws -> EntraApplicationTarget {
        var settings = EntraApplicationSettings(
            name: "target",
            tenantID: facts.tenant,
            applicationID: id,
            environment: environment
        )
        settings.settling.agreeingReads = agreeingReads
        settings.settling.interval = .milliseconds(20)
        settings.settling.absenceWindow = .milliseconds(100)
        settings.settling.limit = .seconds(20)
        settings.proving.successes = 2
        settings.proving.interval = .milliseconds(20)
        return try EntraApplicationTarget(settings, http: http, tokens: tokens)
    }

    /// A runbook that is handed the value, and runs where the stand-in does.
    func runbook() throws -> AutomationHook {
        AutomationHook(
            AutomationHookSettings(
                name: HookName(WorldFile.hook),
                subscription: facts.automation.subscription,
                resourceGroup: facts.automation.resourceGroup,
                account: facts.automation.account,
                runbook: facts.automation.runbook,
                delivery: .includeSecret
            ),
            arm: try ARMClient(environment: environment, http: http, tokens: tokens)
        )
    }

    /// A file's contents without a final line break; nothing where there is no such file.
    static func secret(at path: String) -> Secret {
        let data = FileManager.default.contents(atPath: path) ?? Data()
        return Secret(copying: data.last == UInt8(ascii: "\n") ? data.dropLast() : data)
    }
}

extension WorldFile.Postgres {
    var settings: PostgresTargetSettings {
        let file = passwordFile
        return PostgresTargetSettings(
            name: "target",
            host: host,
            port: port,
            database: "postgres",
            tls: .verified(rootCertificatePath: trustFile),
            administrator: .init(role: administrator) { AzureParts.secret(at: file) },
            strategy: accounts.count == 1 ? .replace : .alternate,
            accounts: accounts.map { AccountID($0) },
            ownerRole: owner,
            silenceSampling: .init(intervalSeconds: 0.02, count: 2)
        )
    }
}
