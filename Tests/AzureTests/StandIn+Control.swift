import Foundation
import RealParts
import RekeyCore
import RekeyPlatform

/// The stand-in's control API: what a test does behind the adapters' backs.
extension StandIn {
    /// A line of its log of requests.
    struct Change: Decodable, Sendable {
        struct Changed: Decodable, Sendable {
            let kind: String
            let keyId: String?
            let version: String?
        }

        let sequence: Int
        let api: String
        let vault: String?
        let operation: String
        let method: String?
        let path: String?
        let principal: String?
        let status: Int?
        let changed: Changed?
    }

    private struct Changes: Decodable {
        let changes: [Change]
        let last: Int
    }

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

    @discardableResult
    func control(
        _ method: HTTPMethod,
        _ path: String,
        _ body: [String: Any]? = nil
    ) async throws -> Data {
        let content = try body.map {
            Secret(copying: try JSONSerialization.data(withJSONObject: $0))
        }
        let request = HTTPRequest(
            method,
            facts.control + path,
            headers: [
                HTTPHeader(name: "Authorization", secret: controlToken, prefix: "Bearer "),
                HTTPHeader(name: "Content-Type", value: "application/json"),
            ],
            body: content
        )
        let response = try await http.send(request)
        let answer = Data(response.body.bytes)
        guard (200..<300).contains(response.status) else {
            let text = String(decoding: answer, as: UTF8.self)
            throw PartFailure("\(method) \(path): \(response.status) \(text)")
        }
        return answer
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

    /// Everything since `sequence`.
    func changes(since sequence: Int = 0) async throws -> [Change] {
        let answer = try await control(.get, "/changes?since=\(sequence)")
        return try JSONDecoder().decode(Changes.self, from: answer).changes
    }

    func lastSequence() async throws -> Int {
        let answer = try await control(.get, "/changes?since=0")
        return try JSONDecoder().decode(Changes.self, from: answer).last
    }

    /// A vault of one's own, in which `rekey` may do everything.
    func makeVault(
        permissions: [String] = ["get", "list", "set", "delete", "recover", "purge"]
    ) async throws -> (name: String, url: String) {
        let name = "v\(UUID().uuidString.lowercased().prefix(12))"
        let answer = try await control(
            .post,
            "/vaults",
            ["name": name, "permissions": ["rekey": permissions, "observer": ["*"]]]
        )
        struct Answer: Decodable { let url: String }
        return (name, try JSONDecoder().decode(Answer.self, from: answer).url)
    }

    /// An application of one's own, which `rekey` owns, with one password.
    func makeApplication(
        audience: String = "AzureADMyOrg",
        passwords: Int = 1
    ) async throws -> (name: String, facts: Facts.Application) {
        let name = "app-\(UUID().uuidString.lowercased().prefix(12))"
        let declared = (0..<passwords).map {
            ["displayName": "first-\($0)", "lifetimeDays": 30] as [String: Any]
        }
        let answer = try await control(
            .post,
            "/applications",
            [
                "name": name, "signInAudience": audience, "owners": ["rekey"],
                "passwords": declared,
            ]
        )
        return (name, try JSONDecoder().decode(Facts.Application.self, from: answer))
    }
}

extension Secret {
    init(text: String) { self.init(copying: text.utf8) }

    var bytes: [UInt8] {
        reveal { span in
            (0..<byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
