import Foundation
import RealParts
import RekeyCore
import RekeyPlatform

/// A running `azure-standin` with a scenario, ended when dropped.
final class StandIn: Sendable {
    /// What it writes about itself.
    struct Facts: Decodable, Sendable {
        struct Application: Decodable, Sendable {
            let appId: String
            let objectId: String
            let passwordFiles: [String]?
        }

        let tenant: String
        let subscription: String
        let resourceGroup: String
        let automationAccount: String
        let authority: String
        let graph: String
        let arm: String
        let control: String
        let controlToken: String
        let vaults: [String: String]
        let ca: String
        let changes: String
        let applications: [String: Application]
    }

    /// A line of its log of requests.
    struct Change: Decodable, Sendable {
        struct Changed: Decodable, Sendable {
            let kind: String
            let name: String?
            let digest: String?
            let error: String?
        }

        let sequence: Int
        let api: String
        let vault: String?
        let operation: String
        let principalName: String?
        let method: String?
        let path: String?
        let status: Int?
        let changed: Changed?
    }

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

    let facts: Facts
    let directory: TemporaryDirectory
    private let http: HTTPClient
    private let token: Secret
    private let child: ChildProcess

    static func start(_ scenario: [String: Any]) async throws -> StandIn {
        let directory = try TemporaryDirectory("standin")
        let data = try JSONSerialization.data(withJSONObject: scenario)
        try directory.write(String(decoding: data, as: UTF8.self), to: "scenario.json")
        let child = try ChildProcess(
            try Program.path("azure-standin"),
            ["--directory", directory.path, "--scenario", directory.file("scenario.json")]
        )
        let file = directory.file("standin.json")
        try await eventually(within: .seconds(60), "the stand-in is ready") {
            guard child.isRunning else { throw PartFailure("it ended: \(child.errors)") }
            return FileManager.default.fileExists(atPath: file)
        }
        let facts = try JSONDecoder().decode(
            Facts.self,
            from: Data(contentsOf: URL(fileURLWithPath: file))
        )
        return try StandIn(facts, directory, child)
    }

    private init(_ facts: Facts, _ directory: TemporaryDirectory, _ child: ChildProcess) throws {
        self.facts = facts
        self.directory = directory
        self.child = child
        token = Secret(copying: try Self.text(at: facts.controlToken).utf8)
        http = HTTPClient(trust: .file(facts.ca), name: "standin")
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
                HTTPHeader(name: "Authorization", secret: token, prefix: "Bearer "),
                HTTPHeader(name: "Content-Type", value: "application/json"),
            ],
            body: content
        )
        let response = try await http.send(request)
        let answer = Data(response.body.text.utf8)
        guard (200..<300).contains(response.status) else {
            throw PartFailure("\(method) \(path): \(response.status)")
        }
        return answer
    }

    /// Every request since `sequence`, refused ones too.
    func changes(since sequence: Int = 0) async throws -> [Change] {
        struct Answer: Decodable { let changes: [Change] }
        let answer = try await control(.get, "/changes?since=\(sequence)")
        return try JSONDecoder().decode(Answer.self, from: answer).changes
    }

    func lastSequence() async throws -> Int {
        struct Answer: Decodable { let last: Int }
        let answer = try await control(.get, "/changes?since=999999999")
        return try JSONDecoder().decode(Answer.self, from: answer).last
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
    static func text(at path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines)
    }

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

extension Secret {
    var text: String {
        reveal { span in
            unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }
}
