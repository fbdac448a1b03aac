import Foundation
import InMemoryBroker
import RealParts
import RekeyAzure
import RekeyCore
import RekeyGateway
import RekeyPlatform
import RekeyPorts
import Testing

/// Who is believed to have called, and what the broker is told about it.
@Suite(.timeLimit(.minutes(2))) struct `Who calls the gateway` {
    private static let forged = """
        {"specversion":"1.0","id":"f1","source":"outside","type":"rekey.rotation.requested.v1",\
        "authid":"security@example.test","data":{"secret":"orders","reason":"compromise"}}
        """

    /// The one event that the gateway has published, as the intake's queue holds it.
    private static func stored(_ gateway: RunningGateway) async throws -> Delivery {
        try #require(try await gateway.broker.list("rekey.intake", limit: 2).first)
    }

    // Every event came as from anonymous, or as from whomever it named itself.
    @Test func `with the shared secret is known by its header, whatever the event says`()
        async throws
    {
        let gateway = try RunningGateway()
        try await gateway.run {
            let status = try await gateway.post(Self.forged).status
            #expect(status == 200)
            let delivery = try await Self.stored(gateway)
            #expect(delivery.properties.userID == "gateway")
            let event = try CloudEvent(decoding: delivery.body)
            #expect(event.authID == "X-Rekey-Secret")
            let access = AccessPolicy(
                allowed: [.compromise: [.person("security@example.test")]],
                gatewayUser: "gateway"
            )
            let requester = access.requester(userID: "gateway", authID: event.authID)
            #expect("\(requester)" == "person:X-Rekey-Secret")
            #expect(!access.allows(.compromise, to: requester))
        }
    }

    // A file with nothing but a line end was the secret of whoever sent none.
    @Test func `is nobody while the secret is empty`() async throws {
        let gateway = try RunningGateway()
        let empty = GatewaySettings.Authentication.header(
            name: "X-Rekey-Secret",
            value: { () async throws(StepFailure) -> Secret in Secret(copying: []) }
        )
        try await gateway.run(authentication: empty, apiToken: "") {
            for secret in ["", "other"] {
                let status = try await gateway.post(Self.forged, secret: secret).status
                #expect(status == 503)
            }
            for token in ["Bearer ", "Bearer x"] {
                let header = ["Authorization": token]
                let status = try await gateway.send(.get, "/api/rotations", header).status
                #expect([401, 503].contains(status))
            }
            #expect(try await gateway.broker.list("rekey.intake", limit: 1).isEmpty)
        }
    }

    /// A tenant with keys that nobody holds, or that cannot be reached.
    private static func entra(_ keys: TenantKeys) -> GatewaySettings.Authentication {
        .entra(
            EntraTokenVerifier(
                .init(tenant: "tenant", audience: "api://rekey", applications: ["caller"]),
                environment: .publicCloud,
                http: keys
            )
        )
    }

    private static func post(_ gateway: RunningGateway, _ token: String?) async throws -> Int {
        var headers = ["aeg-event-type": "Notification", "Content-Type": "application/json"]
        headers["Authorization"] = token.map { "Bearer \($0)" }
        let path = "/events/keyvault"
        return try await gateway.send(.post, path, headers, body: `The gateway`.cloudEvent).status
    }

    @Test func `with a token is known by the application`() async throws {
        let keys = try TenantKeys()
        let gateway = try RunningGateway()
        try await gateway.run(authentication: Self.entra(keys)) {
            let status1 = try await Self.post(gateway, try keys.token(for: "caller"))
            #expect(status1 == 200)
            let event = try CloudEvent(decoding: try await Self.stored(gateway).body)
            #expect(event.authID == "caller")
        }
    }

    @Test func `without a good token is refused`() async throws {
        let keys = try TenantKeys()
        let gateway = try RunningGateway()
        try await gateway.run(authentication: Self.entra(keys)) {
            let status2 = try await Self.post(gateway, nil)
            #expect(status2 == 401)
            let status3 = try await Self.post(gateway, "a.b.c")
            #expect(status3 == 401)
            let status4 = try await Self.post(gateway, try keys.token(for: "stranger"))
            #expect(status4 == 401)
            #expect(gateway.broker.count(in: "rekey.intake") == 0)
        }
    }

    @Test func `is asked to come again while the keys cannot be read`() async throws {
        let keys = try TenantKeys(isReachable: false)
        let gateway = try RunningGateway()
        try await gateway.run(authentication: Self.entra(keys)) {
            let status5 = try await Self.post(gateway, try keys.token(for: "caller"))
            #expect(status5 == 503)
        }
    }
}

/// A tenant's one key, as it publishes it, and tokens that are signed with it.
struct TenantKeys: HTTPTransport {
    private let key: PrivateKey
    private let isReachable: Bool

    init(isReachable: Bool = true) throws {
        key = try PrivateKey.generate(.rsa2048)
        self.isReachable = isReachable
    }

    func token(for application: String) throws -> String {
        let claims: [String: Any] = [
            "aud": "api://rekey", "iss": "https://sts.windows.net/tenant/", "tid": "tenant",
            "azp": application, "exp": Date().timeIntervalSince1970 + 3_600,
        ]
        let parts = try [["alg": "RS256", "kid": "one"], claims].map {
            Base64URL.encode(Array(try JSONSerialization.data(withJSONObject: $0)))
        }
        let text = parts.joined(separator: ".")
        return "\(text).\(Base64URL.encode(try key.sign(Array(text.utf8), using: .rs256)))"
    }

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        guard isReachable, let der = try? key.publicKey.der() else {
            throw HTTPFailure(.notSent, code: 7, call: "curl_easy_perform")
        }
        // The modulus lies at a fixed place in the DER of a 2048-bit key.
        let modulus = Base64URL.encode(Array(der[33..<289]))
        let text = #"{"keys":[{"kty":"RSA","kid":"one","e":"AQAB","n":"\#(modulus)"}]}"#
        return HTTPResponse(
            status: 200,
            headers: HTTPHeaders([]),
            body: Secret(copying: text.utf8)
        )
    }
}
