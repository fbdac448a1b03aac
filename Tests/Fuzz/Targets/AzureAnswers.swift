#if DEBUG
import Foundation
import RekeyCore
import RekeyPlatform
import RekeyPorts

@testable import AzureKeyVault
@testable import EntraApplicationTarget
@testable import RekeyAzure

extension FuzzTarget {
    private static let words = [
        "{", "}", "[", "]", "\"", ":", ",", "\"error\"", "\"code\"", "\"innererror\"", "\"value\"",
        "\"access_token\"", "\"expires_in\"", "\"expires_on\"", "\"error_codes\"", "\"attributes\"",
        "\"exp\"", "\"id\"", "\"nextLink\"", "null", "true", "1e308", "\\u0000", "\"enabled\"",
        "\"passwordCredentials\"", "\"endDateTime\"", "\"hint\"", "SecretDisabled",
    ]
    static let url = "https://orders.vault.azure.net"

    private static func response(_ status: Int, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: HTTPHeaders([("Retry-After", "5"), ("x-ms-request-id", "a-b")]),
            body: Secret(copying: body)
        )
    }

    /// What a token endpoint or an identity endpoint answers.
    static let tokenAnswers = FuzzTarget("token-answers", words: words) { input in
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        for status in [200, 400, 401, 429, 503] {
            do {
                let token = try TokenAnswer.token(in: response(status, input), now: now)
                try promise("an empty token", token.secret.byteCount > 0)
                try promise("a token that has ended", token.expires > now)
                try promise("a token that is never renewed", token.refreshes <= token.expires)
            } catch let error as BrokenPromise {
                throw error
            } catch {
                try Canary.check(error)
            }
        }
    }

    /// What an API answers instead, whose text may quote what was sent.
    static let azureErrors = FuzzTarget("azure-errors", words: words) { input in
        for status in [400, 403, 404, 409, 429, 500] {
            for effect in [RequestEffect.reads, .once] {
                let failure = AzureFailure(response(status, input), for: "x", effect: effect)
                try Canary.check(failure)
                try promise("a failure is too long", "\(failure)".utf8.count <= 1_024)
            }
        }
        try checkLifting(input)
    }

    /// The field that is lifted out as bytes is the one that Foundation reads.
    private static func checkLifting(_ input: [UInt8]) throws {
        guard let lifted = LiftedJSON(Secret(copying: input), lifting: "value") else { return }
        struct Whole: Decodable { var value: String? }
        // What a decoder refuses is refused later.
        guard let secret = lifted.secret,
            let whole = try? JSONDecoder().decode(Whole.self, from: Data(input)),
            let rest = try? JSONDecoder().decode(Whole.self, from: lifted.rest)
        else { return }
        try promise("the lifted field is still there", rest.value == nil)
        let text = secret.reveal { span in
            unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        }
        try promise("another text was lifted", whole.value == text)
    }

    /// A version as the vault describes it, and the same metadata written back.
    static let vaultAnswers = FuzzTarget("vault-answers", words: words) { input in
        let vault = try AzureKeyVault(
            AzureKeyVaultSettings(name: "orders", url: url),
            http: AnsweringTransport(status: 200, body: input),
            tokens: RecordingTokens()
        )
        do {
            guard let version = try await vault.latest("db") else { return }
            if let expires = version.expires { _ = Timestamp.text(expires) }
            if let created = version.created { _ = Timestamp.text(created) }
            let entry = VaultEntry(
                value: Secret(copying: Canary.text.utf8),
                expires: version.expires,
                contentType: version.contentType,
                tags: version.tags
            )
            _ = try await vault.write(entry, as: "db")
            _ = try await vault.preflight("db")
        } catch {
            try Canary.check(error)
        }
    }

    static let graphAnswers = FuzzTarget("graph-answers", words: words) { input in
        let decoder = JSONDecoder()
        // What cannot be read is refused; the rest has to survive its readers.
        guard let application = try? decoder.decode(GraphApplication.self, from: Data(input)) else {
            return
        }
        for password in application.passwords {
            if let date = password.expires { _ = Timestamp.text(date) }
            if let date = password.start { _ = GraphTime.text(date) }
        }
        _ = application.passwordLimit
    }
}

/// Answers everything alike; what has no token is challenged, as a vault does it.
struct AnsweringTransport: HTTPTransport {
    var status: Int
    var body: [UInt8]
    var challenge =
        #"Bearer authorization="https://login.microsoftonline.com/t", "#
        + #"resource="https://vault.azure.net""#

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let isAuthorized = request.headers.contains { $0.name == "Authorization" }
        guard isAuthorized else {
            let headers = HTTPHeaders([("WWW-Authenticate", challenge)])
            return HTTPResponse(status: 401, headers: headers, body: Secret(copying: []))
        }
        return HTTPResponse(status: status, headers: HTTPHeaders(), body: Secret(copying: body))
    }
}

/// Remembers what tokens were asked for.
actor RecordingTokens: TokenSource {
    private(set) var resources: [String] = []

    func token(for resource: String, claims: String?) async throws(StepFailure) -> AccessToken {
        resources.append(resource)
        let end = Date() + 3_600
        return AccessToken(secret: Secret(copying: "t".utf8), expires: end, refreshes: end)
    }

    func forget(_ resource: String) async {}
}
#endif
