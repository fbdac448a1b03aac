import Foundation

@testable import azure_standin

/// A small state for tests: one application, one vault, one runbook; time stands still.
enum StandInFixture {
    static let start = Date(timeIntervalSince1970: 1_800_000_000)
    static let appID = "fa4e0000-0000-4000-8000-000000000001"
    static let objectID = "fa4e0000-0000-4000-8000-000000000002"

    /// `token` is good for each service.
    static func world(softDelete: Bool = true) -> World {
        var world = World(
            tenant: "tenant",
            subscription: "00000000-0000-0000-0000-000000000000",
            resourceGroup: "group",
            automation: AutomationAccount(name: "account")
        )
        world.clock.frozen = start
        world.endpoints.authority = "https://login.test"
        world.endpoints.graph = "https://graph.microsoft.com"
        world.applications[appID] = application()
        var vault = VaultState(name: "app", permissions: ["rekey": ["*"]])
        vault.isSoftDelete = softDelete
        world.vaults["app"] = vault
        for audience in [KeyVaultAPI.audience, GraphAPI.audience, ARMAPI.audience] {
            let grant = Grant(appID: appID, audience: audience, expires: .distantFuture)
            world.add(grant, token: token(audience))
        }
        return world
    }

    static func token(_ audience: String) -> String { "token for \(audience)" }

    static func application() -> ApplicationRecord {
        var record = ApplicationRecord(
            name: "rekey",
            appID: appID,
            objectID: objectID,
            servicePrincipalID: "principal",
            displayName: "Rekey",
            createdAt: start
        )
        record.graphRights = ["Application.ReadWrite.All"]
        record.armRights = ["*"]
        return record
    }

    static func call(
        _ method: String,
        _ target: String,
        _ body: JSON? = nil,
        api: API = .keyVault("app")
    ) -> Call {
        let audience =
            switch api {
            case .graph: GraphAPI.audience
            case .arm: ARMAPI.audience
            default: KeyVaultAPI.audience
            }
        let separator = target.contains("?") ? "&" : "?"
        return Call(
            api: api,
            method: method,
            target: "\(target)\(separator)api-version=7.4",
            headers: ["authorization": "Bearer \(token(audience))"],
            body: body?.bytes ?? [],
            authority: "localhost:8443"
        )
    }

    /// Performs a Key Vault request.
    static func vault(
        _ method: String,
        _ target: String,
        _ body: JSON? = nil,
        in world: inout World
    ) -> Answer {
        KeyVaultAPI.answer(call(method, target, body), vault: "app", in: &world)
    }

    static func graph(
        _ method: String,
        _ target: String,
        _ body: JSON? = nil,
        in world: inout World
    ) -> Answer {
        GraphAPI.answer(call(method, target, body, api: .graph), in: &world)
    }
}

extension Answer {
    var json: JSON { JSON(parsing: body) ?? .null }
    var innerError: String? { json["error"]?["innererror"]?["code"]?.string }
}
