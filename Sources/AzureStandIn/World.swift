import Foundation

/// Everything the doubled systems know, as a value: answers are functions of it.
struct World: Sendable {
    /// Expired tokens are looked for when there are this many, or twice as many as last time.
    static let leastGrantLimit = 1000

    var tenant: String
    var subscription: String
    var resourceGroup: String
    var settings = Settings()
    var clock = VirtualClock()
    var endpoints = Endpoints()
    /// By application id.
    var applications: [String: ApplicationRecord] = [:]
    /// By name.
    var vaults: [String: VaultState] = [:]
    var automation: AutomationAccount
    /// By access token.
    var grants: [String: Grant] = [:]
    private(set) var grantLimit = World.leastGrantLimit
    var faults = FaultList()
    var withdrawn: Set<Right> = []
    var subscriptions: [EventSubscription] = []
    var deliveries: [EventDelivery] = []
    /// The application behind the identity endpoint.
    var identityApplication: String?
    var identityHeader = ""
    var keySet: JSON = ["keys": []]

    var now: Date { clock.now }
    var issuer: String { "\(endpoints.authority)/\(tenant)/v2.0" }

    /// Finds an application by what the scenario calls it.
    func application(named name: String) -> ApplicationRecord? {
        applications.values.first { $0.name == name }
    }

    func name(ofPrincipal appID: String?) -> String? {
        appID.flatMap { applications[$0]?.name }
    }

    /// Who holds a token for an audience; nil where it is unknown, expired or for another one.
    func principal(of call: Call, audience: String) -> ApplicationRecord? {
        guard let token = call.bearer, let grant = grants[token], grant.expires > now,
            grant.audience == audience
        else { return nil }
        return applications[grant.appID]
    }

    /// Remembers a token, and now and then forgets those that have expired.
    mutating func add(_ grant: Grant, token: String) {
        if grants.count >= grantLimit {
            let time = now
            grants = grants.filter { $0.value.expires > time }
            grantLimit = max(World.leastGrantLimit, grants.count * 2)
        }
        grants[token] = grant
    }
}

/// Where the doubled systems listen, known once every port is bound.
struct Endpoints: Sendable {
    var authority = ""
    var graph = ""
    var arm = ""
    var control = ""
    var identity = ""
    /// By vault name.
    var vaults: [String: String] = [:]
}

/// What an access token stands for.
struct Grant: Sendable {
    let appID: String
    let audience: String
    let expires: Date
}

/// A right that was withdrawn at run time, whatever the scenario grants.
struct Right: Hashable, Sendable {
    let appID: String
    let api: String
    let vault: String?
    let permission: String

    var json: JSON {
        [
            "principal": .string(appID), "api": .string(api), "vault": .text(vault),
            "permission": .string(permission),
        ]
    }
}

extension World {
    /// Whether a principal may do something now: granted and not withdrawn.
    func allows(_ application: ApplicationRecord, api: API, permission: String) -> Bool {
        let right = Right(
            appID: application.appID,
            api: api.name,
            vault: api.vault,
            permission: permission
        )
        guard !withdrawn.contains(right) else { return false }
        switch api {
        case .keyVault(let vault):
            let granted = vaults[vault]?.permissions[application.name] ?? []
            return granted.contains("*") || granted.contains(permission)
        case .arm:
            return application.armRights.contains(permission)
                || application.armRights.contains("*")
        case .login, .graph, .identity, .control:
            return true
        }
    }

    /// The permissions that change something at an API.
    static func writePermissions(of api: String) -> [String] {
        api == "keyvault"
            ? ["set", "delete", "recover", "purge", "backup", "restore"] : ["write"]
    }
}
