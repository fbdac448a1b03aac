import Foundation
import RekeyCore
import RekeyPlatform
import StandInParts

/// What a test does behind the adapters' backs.
extension StandIn {
    /// How a request of ours is to go wrong; it counts once unless `count` says otherwise.
    struct Fault {
        var api = "keyvault"
        var operation = "*"
        var vault: String?
        var match: String?
        var kind: String
        var fields: [String: Any] = [:]
        var count = 1
        var skip = 0
    }

    func inject(_ fault: Fault) async throws {
        var body = fault.fields
        body["api"] = fault.api
        body["operation"] = fault.operation
        body["kind"] = fault.kind
        body["count"] = fault.count
        body["skip"] = fault.skip
        body["vault"] = fault.vault
        body["match"] = fault.match
        try await control(.put, "/faults", body)
    }

    func changeSettings(_ settings: [String: Any]) async throws {
        try await control(.patch, "/settings", settings)
    }

    /// A vault of one's own, in which `rekey` may do everything.
    func makeVault(
        permissions: [String] = ["get", "list", "set", "delete", "recover", "purge"]
    ) async throws -> (name: String, url: String) {
        let name = "v\(UUID().uuidString.lowercased().prefix(12))"
        let rights = ["rekey": permissions, "observer": ["*"]]
        return (name, try await makeVault(name, permissions: rights))
    }

    /// An application of one's own, which `rekey` owns.
    func makeApplication(
        audience: String = "AzureADMyOrg",
        passwords: Int = 1
    ) async throws -> (name: String, facts: Application) {
        let name = "app-\(UUID().uuidString.lowercased().prefix(12))"
        let application = try await makeApplication(name, audience: audience, passwords: passwords)
        return (name, application)
    }
}

extension Secret {
    init(text: String) { self.init(copying: text.utf8) }
}
