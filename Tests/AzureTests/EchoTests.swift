import AzureKeyVault
import EntraApplicationTarget
import Foundation
import RekeyAzure
import RekeyCore
import RekeyPorts
import Testing

@testable import RekeyPlatform

/// A server that quotes back all that it was sent, in every place where an error has a text.
struct EchoingServer: HTTPTransport {
    let status: Int

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let sent = request.headers.map { text($0.secret) } + [text(request.body)]
        guard request.url.contains("/oauth2/") || request.headers.contains(where: \.isToken) else {
            let challenge = #"Bearer resource="https://vault.azure.net""#
            let headers = HTTPHeaders([("WWW-Authenticate", challenge)])
            return HTTPResponse(status: 401, headers: headers, body: Secret(copying: []))
        }
        let echo = sent.joined(separator: " ")
        let body: [String: Any] = [
            "error": [
                "code": echo, "message": echo, "innererror": ["code": echo, "message": echo],
            ],
            "error_description": echo, "code": echo, "message": echo,
        ]
        // A dictionary of texts encodes.
        let bytes = (try? JSONSerialization.data(withJSONObject: body)) ?? Data()
        let headers = HTTPHeaders([
            ("x-ms-request-id", echo), ("Retry-After", echo),
            ("WWW-Authenticate", "Bearer x=\(echo)"),
            ("Location", "https://elsewhere.test/\(echo)"),
        ])
        return HTTPResponse(status: status, headers: headers, body: Secret(copying: bytes))
    }

    private func text(_ secret: Secret?) -> String {
        secret?.reveal { span in
            unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        } ?? ""
    }
}

extension HTTPHeader {
    fileprivate var isToken: Bool { name == "Authorization" }
}

/// Gives a marked token to whoever asks.
private struct MarkedTokens: TokenSource {
    func token(for resource: String, claims: String?) async throws(StepFailure) -> AccessToken {
        let end = Date() + 3_600
        return AccessToken(
            secret: Secret(copying: "canary-token".utf8),
            expires: end,
            refreshes: end
        )
    }

    func forget(_ resource: String) async {}
}

@Suite struct `A server that quotes what it was sent` {
    private static let statuses = [200, 202, 302, 400, 401, 403, 404, 409, 412, 429, 500, 503]

    /// The texts of whatever a call throws.
    private func words(_ call: () async throws -> Void) async -> String {
        do { try await call() } catch { return "\(error) \(String(reflecting: error))" }
        return ""
    }

    @Test(arguments: statuses)
    func `finds nothing of a value in a vault's failures`(status: Int) async throws {
        let vault = try AzureKeyVault(
            AzureKeyVaultSettings(name: "app", url: "https://app.vault.azure.net"),
            http: EchoingServer(status: status),
            tokens: MarkedTokens()
        )
        let entry = VaultEntry(value: Secret(copying: "canary-value".utf8))
        var said = await words { _ = try await vault.write(entry, as: "db") }
        #expect(!said.isEmpty)
        said += await words { _ = try await vault.latest("db") }
        said += await words { try await vault.disable("v", of: "db") }
        said += await words { _ = try await vault.preflight("db") }
        #expect(!said.contains("canary"), "\(said)")
    }

    @Test(arguments: statuses)
    func `finds nothing of a value in Entra's failures`(status: Int) async throws {
        var settings = EntraApplicationSettings(
            name: "orders",
            tenantID: "11111111-1111-1111-1111-111111111111",
            applicationID: "22222222-2222-2222-2222-222222222222",
            objectID: "33333333-3333-3333-3333-333333333333"
        )
        settings.settling.limit = .zero
        settings.proving.limit = .zero
        settings.proving.interval = .zero
        let target = try EntraApplicationTarget(
            settings,
            http: EchoingServer(status: status),
            tokens: MarkedTokens()
        )
        let credential = Credential(account: "k", secret: Secret(copying: "canary-value".utf8))
        var said = await words { try await target.prove(credential, like: nil) }
        #expect(!said.isEmpty)
        said += await words { _ = try await target.accepts(credential) }
        said += await words { _ = try await target.issue("r/apply/1/1", expires: nil) }
        said += await words { _ = try await target.preflight() }
        #expect(!said.contains("canary"), "\(said)")
    }
}
