package import Foundation
import RekeyCore
import RekeyPlatform

/// Checks that a bearer token is Entra's, for us, and from an application that we expect.
///
/// Signatures are RS256 by a key of the tenant's published set, which is read again when a token
/// names a key that is not in it, at most once a minute. Source: Microsoft identity platform,
/// access tokens, "Validate tokens".
package actor EntraTokenVerifier {
    /// What a token has to say.
    package struct Expectation: Sendable {
        package let tenant: String
        package let audience: String
        /// The application ids that may call; empty lets nobody in.
        package let applications: Set<String>
        /// The app role that a caller must have been given; nil asks for none.
        package let role: String?

        package init(
            tenant: String,
            audience: String,
            applications: Set<String>,
            role: String? = nil
        ) {
            self.tenant = tenant
            self.audience = audience
            self.applications = applications
            self.role = role
        }
    }

    /// Why a token was not accepted; `unavailable` says nothing about the token.
    package enum Refusal: Error, Equatable, Sendable {
        case invalid(String)
        case unavailable(String)
    }

    /// What clocks may differ by.
    private static let skewSeconds: Double = 300
    private static let rereadSeconds: Double = 60
    private static let tokenByteLimit = 16 * 1024

    private let expectation: Expectation
    private let authority: String
    private let issuers: [String]
    private let http: any HTTPTransport
    private let now: @Sendable () -> Date
    private var keys: [String: PublicKey] = [:]
    private var readAt = Date.distantPast

    package init(
        _ expectation: Expectation,
        environment: AzureEnvironment,
        http: any HTTPTransport,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.expectation = expectation
        authority = environment.authority
        issuers = environment.issuers + [environment.authority]
        self.http = http
        self.now = now
    }

    /// The calling application's id, where the token is good.
    package func application(in token: String) async throws(Refusal) -> String {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, token.utf8.count <= Self.tokenByteLimit,
            let header: Header = decoded(parts[0]), let claims: Claims = decoded(parts[1]),
            let signature = Base64URL.decode(String(parts[2]))
        else { throw .invalid("malformed") }
        guard header.alg == "RS256", let id = header.kid else { throw .invalid("algorithm") }
        let key = try await publicKey(id)
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        // A failing check is a signature that is not the key's.
        guard (try? key.verify(signature, of: signed, using: .rs256)) == true else {
            throw .invalid("signature")
        }
        return try check(claims)
    }

    private func check(_ claims: Claims) throws(Refusal) -> String {
        let time = now().timeIntervalSince1970
        guard claims.exp + Self.skewSeconds > time else { throw .invalid("expired") }
        guard (claims.nbf ?? 0) - Self.skewSeconds < time else { throw .invalid("not yet valid") }
        guard claims.aud == expectation.audience else { throw .invalid("audience") }
        guard claims.tid == expectation.tenant else { throw .invalid("tenant") }
        let issuers = self.issuers.flatMap {
            ["\($0)/\(expectation.tenant)/", "\($0)/\(expectation.tenant)/v2.0"]
        }
        guard issuers.contains(claims.iss) else { throw .invalid("issuer") }
        guard let application = claims.azp ?? claims.appid,
            expectation.applications.contains(application)
        else { throw .invalid("application") }
        if let role = expectation.role, claims.roles?.contains(role) != true {
            throw .invalid("role")
        }
        return application
    }

    private func publicKey(_ id: String) async throws(Refusal) -> PublicKey {
        if let key = keys[id] { return key }
        guard now().timeIntervalSince(readAt) > Self.rereadSeconds else {
            // It may be a key of the last minute; who is told 401 never sends that event again.
            throw .unavailable("the tenant's keys were read less than a minute ago")
        }
        let url = "\(authority)/\(expectation.tenant)/discovery/v2.0/keys"
        let response: HTTPResponse
        do {
            response = try await http.send(HTTPRequest(.get, url))
        } catch {
            throw .unavailable("the tenant's keys cannot be read: \(error)")
        }
        let body = response.body.reveal { span in unsafe span.withUnsafeBytes { unsafe Array($0) } }
        guard response.status == 200,
            let set = try? JSONDecoder().decode(KeySet.self, from: Data(body))
        else { throw .unavailable("the tenant's keys cannot be read: \(response.status)") }
        readAt = now()
        keys = [:]
        for entry in set.keys {
            guard let kid = entry.kid, let n = entry.n.flatMap(Base64URL.decode),
                let e = entry.e.flatMap(Base64URL.decode),
                // A key of another kind is none of ours.
                let key = try? PublicKey(modulus: n, exponent: e)
            else { continue }
            keys[kid] = key
        }
        guard let key = keys[id] else { throw .invalid("key") }
        return key
    }

    private func decoded<Part: Decodable>(_ text: Substring) -> Part? {
        guard let bytes = Base64URL.decode(String(text)) else { return nil }
        // Whatever is wrong with it, the token is malformed.
        return try? JSONDecoder().decode(Part.self, from: Data(bytes))
    }

    private struct Header: Decodable {
        var alg: String
        var kid: String?
    }

    private struct Claims: Decodable {
        var aud: String
        var iss: String
        var tid: String?
        var azp: String?
        var appid: String?
        var exp: Double
        var nbf: Double?
        var roles: [String]?
    }

    private struct KeySet: Decodable {
        struct Key: Decodable {
            var kid: String?
            var n: String?
            var e: String?
        }
        var keys: [Key]
    }
}
