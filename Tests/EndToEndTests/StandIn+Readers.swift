import Foundation
import RealParts
import RekeyCore
import RekeyPlatform
import StandInParts

/// What readers and operators do at the stand-in beside Rekey.
extension StandIn {
    /// What every target accepts, and the vaults' versions, as digests.
    struct Accepted: Decodable, Sendable {
        struct Password: Decodable, Sendable {
            let keyId: String
            let digest: String
            let accepted: Bool
        }
        struct Application: Decodable, Sendable { let passwords: [Password] }
        struct Version: Decodable, Sendable {
            let version: String
            let digest: String
            let enabled: Bool
            let tags: [String: String]?
        }
        struct StoredSecret: Decodable, Sendable {
            let latest: String?
            let digest: String?
            let versions: [Version]
        }

        let applications: [String: Application]
        let vaults: [String: [String: StoredSecret]]
    }

    func accepted() async throws -> Accepted {
        try JSONDecoder().decode(Accepted.self, from: try await control(.get, "/accepted"))
    }

    /// Asks the token endpoint with a client secret: 200 where it is accepted.
    func signIn(_ application: String, _ secret: String) async throws -> Int {
        guard let known = facts.applications[application] else { return 0 }
        let allowed = CharacterSet.alphanumerics
        let value = secret.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        let form =
            "grant_type=client_credentials&client_id=\(known.appId)&client_secret=\(value)"
            + "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
        let response = try await http.send(
            HTTPRequest(
                .post,
                "\(facts.authority)/\(facts.tenant)/oauth2/v2.0/token",
                headers: [
                    HTTPHeader(name: "Content-Type", value: "application/x-www-form-urlencoded")
                ],
                body: Secret(copying: form.utf8)
            )
        )
        return response.status
    }

    /// The secret's present value, as `application` reads it.
    func value(of name: String, in vault: String, as application: String) async throws -> String {
        let request = try await request(.get, "secrets/\(name)", in: vault, as: application)
        return try Self.field("value", of: try await http.send(request))
    }

    /// What a vault answers to `application`, without a version: as most readers ask.
    func read(
        _ name: String,
        in vault: String,
        as application: String
    ) async throws -> (status: Int, body: String) {
        let request = try await request(.get, "secrets/\(name)", in: vault, as: application)
        let response = try await http.send(request)
        return (response.status, response.body.text)
    }

    /// Disables a version, as `az keyvault secret set-attributes --enabled false` does.
    func disable(
        _ version: String,
        of name: String,
        in vault: String,
        as application: String
    ) async throws {
        let path = "secrets/\(name)/\(version)"
        var request = try await request(.patch, path, in: vault, as: application)
        request.headers.append(HTTPHeader(name: "Content-Type", value: "application/json"))
        request.body = Secret(copying: #"{"attributes":{"enabled":false}}"#.utf8)
        let status = try await http.send(request).status
        guard status == 200 else { throw PartFailure("set-attributes: \(status)") }
    }

    /// A request to a vault with a token of `application`.
    private func request(
        _ method: HTTPMethod,
        _ path: String,
        in vault: String,
        as application: String
    ) async throws -> HTTPRequest {
        guard let known = facts.applications[application], let url = facts.vaults[vault],
            let file = known.passwordFiles?.first
        else { throw PartFailure("nothing is known of \(vault) or \(application)") }
        let form =
            "grant_type=client_credentials&client_id=\(known.appId)"
            + "&client_secret=\(Self.escaped(try Self.text(at: file)))"
            + "&scope=https%3A%2F%2Fvault.azure.net%2F.default"
        let kind = HTTPHeader(name: "Content-Type", value: "application/x-www-form-urlencoded")
        let address = "\(facts.authority)/\(facts.tenant)/oauth2/v2.0/token"
        let body = Secret(copying: form.utf8)
        let answer = try await http.send(HTTPRequest(.post, address, headers: [kind], body: body))
        let bearer = HTTPHeader(
            name: "Authorization",
            value: "Bearer \(try Self.field("access_token", of: answer))"
        )
        return HTTPRequest(method, "\(url)/\(path)?api-version=7.4", headers: [bearer])
    }

    /// A file's contents without a final line break.
    static func text(at path: String) throws -> String { try secret(at: path).text }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    private static func field(_ name: String, of response: HTTPResponse) throws -> String {
        let found = try JSONSerialization.jsonObject(with: Data(response.body.text.utf8))
        guard let text = (found as? [String: Any])?[name] as? String else {
            throw PartFailure("status \(response.status), without \(name)")
        }
        return text
    }
}
