import EntraApplicationTarget
import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import Synchronization

/// One application at Microsoft Graph and Entra, in memory, whose removals fail as a row says.
final class ScriptedGraph: HTTPTransport, TokenSource {
    private struct Password {
        let keyID: String
        let label: String
        let value: String
        let end: String
    }

    private struct State {
        var passwords: [Password]
        var added = 0
        var removals = 0
        /// The next removals are answered so, and nothing is removed.
        var refusals: [Int] = []
        /// All further removals are, where there is one.
        var lastRefusal: Int?
    }

    private static let tenant = "00000000-0000-0000-0000-00000000000a"
    private static let application = "00000000-0000-0000-0000-00000000000b"
    private static let object = "00000000-0000-0000-0000-00000000000c"
    private static let firstKey = "00000000-0000-0000-0000-0000000000a0"

    private let state = Mutex(
        State(
            passwords: [
                Password(
                    keyID: firstKey,
                    label: "by hand",
                    value: SuiteEstate.old,
                    end: "2099-01-01T00:00:00Z"
                )
            ]
        )
    )

    /// How often a password was added.
    var added: Int { state.withLock(\.added) }

    /// How often a removal was asked for.
    var removals: Int { state.withLock(\.removals) }

    /// The ids of the passwords that work now.
    var accepted: [AccountID] {
        state.withLock { $0.passwords.map { AccountID($0.keyID) } }
    }

    /// The id of the password that was there at first.
    static var first: AccountID { AccountID(firstKey) }

    /// Whether an application gets a token with `value`.
    func letsIn(_ value: String?) -> Bool {
        state.withLock { state in state.passwords.contains { $0.value == value } }
    }

    /// The next `count` removals are answered with `status`; all, where no count is given.
    func refuseRemovals(_ status: Int, _ count: Int? = nil) {
        state.withLock { state in
            if let count {
                state.refusals = Array(repeating: status, count: count)
            } else {
                state.lastRefusal = status
            }
        }
    }

    func allowRemovals() { state.withLock { $0.lastRefusal = nil } }

    /// Rekey's own target over it, which believes after milliseconds what takes Azure seconds.
    func target() throws -> EntraApplicationTarget {
        var settings = EntraApplicationSettings(
            name: "target",
            tenantID: Self.tenant,
            applicationID: Self.application,
            objectID: Self.object
        )
        settings.settling.agreeingReads = 2
        settings.settling.interval = .milliseconds(1)
        settings.settling.absenceWindow = .milliseconds(2)
        settings.settling.limit = .milliseconds(20)
        settings.proving.successes = 1
        settings.proving.interval = .milliseconds(1)
        settings.proving.limit = .milliseconds(100)
        return try EntraApplicationTarget(settings, http: self, tokens: self)
    }

    func token(for resource: String, claims: String?) async throws(StepFailure) -> AccessToken {
        AccessToken(secret: Secret("t"), expires: .distantFuture, refreshes: .distantFuture)
    }

    func forget(_ resource: String) async {}

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let body = request.body?.text ?? ""
        let (status, text) = state.withLock { state in
            if request.url.hasSuffix("/token") { return Self.signIn(body, &state) }
            if request.url.hasSuffix("/addPassword") { return Self.add(body, &state) }
            if request.url.hasSuffix("/removePassword") { return Self.remove(body, &state) }
            return (200, Self.page(state))
        }
        let headers = HTTPHeaders([(name: "Content-Type", value: "application/json")])
        return HTTPResponse(status: status, headers: headers, body: Secret(text))
    }

    private static func signIn(_ body: String, _ state: inout State) -> (Int, String) {
        let isKnown = state.passwords.contains { body.contains("client_secret=\($0.value)") }
        guard isKnown else {
            return (401, #"{"error": "invalid_client", "error_codes": [7000215]}"#)
        }
        return (200, #"{"token_type": "Bearer", "expires_in": 3600, "access_token": "t"}"#)
    }

    private static func add(_ body: String, _ state: inout State) -> (Int, String) {
        let sent = (try? JSONDecoder().decode(Addition.self, from: Data(body.utf8)))?
            .passwordCredential
        guard let sent else { return refusal(400, "the body is none of addPassword") }
        state.added += 1
        let password = Password(
            keyID: "00000000-0000-0000-0000-0000000000b\(state.added)",
            label: sent.displayName,
            value: "issued-value-\(state.added)",
            end: sent.endDateTime
        )
        state.passwords.append(password)
        return (200, entry(password, withValue: true))
    }

    private static func remove(_ body: String, _ state: inout State) -> (Int, String) {
        state.removals += 1
        let status = state.refusals.isEmpty ? state.lastRefusal : state.refusals.removeFirst()
        if let status { return refusal(status, "concurrent requests") }
        let count = state.passwords.count
        state.passwords.removeAll { body.contains($0.keyID) }
        return state.passwords.count < count ? (204, "") : refusal(400, "No password found")
    }

    private static func refusal(_ status: Int, _ message: String) -> (Int, String) {
        (status, #"{"error": {"code": "Request_BadRequest", "message": "\#(message)"}}"#)
    }

    private static func page(_ state: State) -> String {
        let entries = state.passwords.map { entry($0, withValue: false) }.joined(separator: ",")
        return """
            {"id": "\(object)", "appId": "\(application)", "displayName": "orders",
             "signInAudience": "AzureADMyOrg", "passwordCredentials": [\(entries)]}
            """
    }

    private static func entry(_ password: Password, withValue: Bool) -> String {
        let value = withValue ? #", "secretText": "\#(password.value)""# : ""
        return """
            {"keyId": "\(password.keyID)", "displayName": "\(password.label)",
             "hint": "\(password.value.prefix(3))", "startDateTime": "2020-01-01T00:00:00Z",
             "endDateTime": "\(password.end)"\(value)}
            """
    }

    private struct Addition: Decodable {
        struct Password: Decodable {
            let displayName: String
            let endDateTime: String
        }

        let passwordCredential: Password
    }
}
