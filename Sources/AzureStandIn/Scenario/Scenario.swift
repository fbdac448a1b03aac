/// What exists when the stand-in starts, as the scenario file declares it.
///
/// Secrets are never written in it: a value is generated, or read from the environment or a file.
struct Scenario: Decodable, Sendable {
    var tenant: String?
    var subscription: String?
    var resourceGroup: String?
    var settings: Settings?
    var applications: [Application]?
    var vaults: [Vault]?
    var automation: Automation?
    var subscriptions: [Subscription]?
    var identity: String?

    struct Application: Decodable, Sendable {
        var name: String
        var appId: String?
        var objectId: String?
        var servicePrincipalId: String?
        var displayName: String?
        var signInAudience: String?
        var owners: [String]?
        var passwords: [Password]?
        var certificates: [String]?
        var federated: [Federated]?
        var graph: [String]?
        var arm: [String]?
        var roles: [String]?
    }

    struct Password: Decodable, Sendable {
        var displayName: String?
        var valueFrom: String?
        var lifetimeDays: Double?
    }

    struct Federated: Decodable, Sendable {
        var subject: String
        var issuer: String?
        var audience: String?
        var publicKey: String?
    }

    struct Vault: Decodable, Sendable {
        var name: String
        var softDelete: Bool?
        var purgeProtection: Bool?
        var retentionDays: Int?
        var permissions: [String: [String]]?
        var secrets: [InitialSecret]?
    }

    struct InitialSecret: Decodable, Sendable {
        var name: String
        var valueFrom: String?
        var template: String?
        var contentType: String?
        var tags: [String: String]?
        var expiresInSeconds: Double?
        var enabled: Bool?
    }

    struct Automation: Decodable, Sendable {
        var account: String?
        var runbooks: [Runbook]?
        var workerGroups: [WorkerGroup]?
    }

    struct Runbook: Decodable, Sendable {
        var name: String
        var state: String?
        var runbookType: String?
        var parameters: [String: Parameter]?
        var script: String?
        var inline: String?
    }

    struct Parameter: Decodable, Sendable {
        var type: String?
        var isMandatory: Bool?
        var position: Int?
        var defaultValue: String?
    }

    struct WorkerGroup: Decodable, Sendable {
        var name: String
        var workers: [Worker]?
    }

    struct Worker: Decodable, Sendable {
        var name: String
        var lastSeenSecondsAgo: Double?
    }

    struct Subscription: Decodable, Sendable {
        var name: String
        var vaults: [String]?
        var schema: String?
        var url: String
        var eventTypes: [String]?
        var headers: [String: String]?
        var entra: EntraDelivery?
        var ca: String?
    }

    struct EntraDelivery: Decodable, Sendable {
        var audience: String
        var application: String
    }
}

extension Scenario {
    /// What runs without a scenario file: enough for the official clients' tests.
    static let standard = Scenario(
        applications: [
            Application(
                name: "rekey",
                passwords: [Password(displayName: "first")],
                certificates: ["generate"],
                federated: [Federated(subject: "system:serviceaccount:rekey:rekey")],
                graph: ["Application.ReadWrite.OwnedBy"],
                arm: ["read", "write"]
            ),
            Application(
                name: "observer",
                passwords: [Password(displayName: "first")],
                graph: ["Application.Read.All"],
                arm: ["read", "write"]
            ),
            Application(
                name: "orders-api",
                displayName: "Orders API",
                owners: ["rekey"],
                passwords: [Password(displayName: "first")]
            ),
        ],
        vaults: [
            Vault(
                name: "app",
                permissions: ["rekey": ["get", "list", "set"], "observer": ["*"]],
                secrets: [
                    InitialSecret(
                        name: "orders-client-secret",
                        valueFrom: "application:orders-api",
                        expiresInSeconds: 86_400
                    )
                ]
            ),
            Vault(name: "staging", permissions: ["rekey": ["get", "list", "set"]]),
        ],
        automation: Automation(
            runbooks: [
                Runbook(
                    name: "update-hosts",
                    parameters: [
                        "ClientSecret": Parameter(type: "System.String"),
                        "Sequence": Parameter(type: "System.Int64"),
                    ],
                    inline: "#!/bin/sh\ncat > received.json\necho delivered\n"
                )
            ],
            workerGroups: [WorkerGroup(name: "on-prem", workers: [Worker(name: "host1")])]
        ),
        identity: "rekey"
    )
}
