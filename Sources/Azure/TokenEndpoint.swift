package import Foundation
package import RekeyCore
import RekeyPlatform

/// Entra's token endpoint for one application in one tenant; every call asks anew.
package struct TokenEndpoint: Sendable {
    package let url: String
    private let client: String
    private let http: any HTTPTransport
    private let now: @Sendable () -> Date

    package init(
        authority: String,
        tenant: String,
        client: String,
        http: any HTTPTransport,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        url = "\(authority)/\(tenant)/oauth2/v2.0/token"
        self.client = client
        self.http = http
        self.now = now
    }

    /// Signs in with a client secret, on a connection that may have served before.
    ///
    /// With `isFresh` the connection is new, which is likely to lead to another of Entra's servers.
    package func token(
        for resource: String,
        secret: Secret,
        claims: String? = nil,
        isFresh: Bool = false
    ) async throws(TokenFailure) -> AccessToken {
        try await request(resource, claims, [("client_secret", .secret(secret))], isFresh: isFresh)
    }

    /// Signs in with an assertion: one signed by a certificate's key, or a federated token.
    func token(
        for resource: String,
        assertion: Secret,
        claims: String?
    ) async throws(TokenFailure) -> AccessToken {
        let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return try await request(
            resource,
            claims,
            [("client_assertion_type", .text(type)), ("client_assertion", .secret(assertion))]
        )
    }

    /// A JSON Web Token that says who signs in, good for ten minutes (azure.md §1).
    func assertion(_ identity: ClientCertificate) throws(TokenFailure) -> Secret {
        let issued = Int(now().timeIntervalSince1970)
        let thumbprint = Base64URL.encode(identity.certificate.sha256Thumbprint)
        let header = #"{"alg":"PS256","typ":"JWT","x5t#S256":"\#(thumbprint)"}"#
        let claims: [String: ClaimValue] = [
            "aud": .text(url),
            "iss": .text(client),
            "sub": .text(client),
            "jti": .text(UUID().uuidString.lowercased()),
            "nbf": .number(issued),
            "exp": .number(issued + Self.assertionSeconds),
        ]
        do {
            let payload = try JSONEncoder().encode(claims)
            let text = "\(Base64URL.encode(Array(header.utf8))).\(Base64URL.encode(payload))"
            let signature = try identity.key.sign(Array(text.utf8), using: .ps256)
            return Secret(copying: "\(text).\(Base64URL.encode(signature))".utf8)
        } catch let failure as CryptoFailure {
            throw TokenFailure(.permanent, detail: "client assertion: \(failure)")
        } catch {
            throw TokenFailure(.permanent, detail: "client assertion: not encodable")
        }
    }

    private static let assertionSeconds = 600

    private func request(
        _ resource: String,
        _ claims: String?,
        _ proof: [(name: String, value: FormBody.Value)],
        isFresh: Bool = false
    ) async throws(TokenFailure) -> AccessToken {
        guard WebOrigin(url)?.scheme == "https" else {
            throw TokenFailure(.permanent, detail: "the authority is no https address")
        }
        var fields: [(name: String, value: FormBody.Value)] = [
            ("grant_type", .text("client_credentials")),
            ("client_id", .text(client)),
            ("scope", .text("\(resource)/.default")),
        ]
        if let claims { fields.append(("claims", .text(claims))) }
        var request = HTTPRequest(
            .post,
            url,
            headers: [
                HTTPHeader(name: "Accept", value: "application/json"),
                HTTPHeader(name: "Content-Type", value: FormBody.contentType),
                HTTPHeader(name: "client-request-id", value: UUID().uuidString.lowercased()),
            ],
            body: FormBody.secret(fields + proof)
        )
        // Only what may be sent twice goes by a connection that served before.
        request.isSafeToRepeat = !isFresh
        do {
            return try TokenAnswer.token(in: try await http.send(request), now: now())
        } catch let failure as HTTPFailure {
            throw TokenFailure(failure)
        } catch let failure as TokenFailure {
            throw failure
        } catch {
            throw TokenFailure(.permanent, detail: "unexpected \(type(of: error))")
        }
    }

    private enum ClaimValue: Encodable {
        case text(String)
        case number(Int)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }
}
