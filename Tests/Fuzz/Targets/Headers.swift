#if DEBUG
import Foundation
import RekeyCore

@testable import AzureKeyVault
@testable import RekeyAzure
@testable import RekeyPlatform

extension FuzzTarget {
    /// `WWW-Authenticate`, by which a host says for what it wants a token.
    static let challenge = FuzzTarget(
        "challenge",
        words: [
            "Bearer ", "PoP ", "Basic ", "resource=", "scope=", "authorization=", "claims=", "\"",
            "\\", ",", "https://vault.azure.net", "/.default", "https://vault.azure.net.evil.test",
            "@", "https://evil.test/vault.azure.net", "#.vault.azure.net", ":443",
        ]
    ) { input in
        let header = String(decoding: input, as: UTF8.self)
        if let challenge = BearerChallenge(header) {
            _ = challenge.claims.flatMap(AzureClient.decodedClaims)
        }
        let tokens = RecordingTokens()
        let vault = try AzureKeyVault(
            AzureKeyVaultSettings(name: "orders", url: url),
            http: AnsweringTransport(status: 404, body: [], challenge: header),
            tokens: tokens
        )
        do { _ = try await vault.latest("db") } catch { try Canary.check(error) }
        for resource in await tokens.resources {
            let host = WebOrigin(resource)?.host ?? "nobody"
            try promise(
                "a token for a foreign host",
                "orders.vault.azure.net".hasSuffix(".\(host)")
            )
        }
    }

    /// Links that a server gave, which lead back to it or are not followed.
    static let links = FuzzTarget(
        "links",
        words: [
            "https://orders.vault.azure.net", ":443", "/secrets", "?api-version=7.4", "@", "\\",
            "//", "#", "%2F", "..", "evil.test", "\u{FF0F}", "%00", "[::1]", "\t",
        ]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let origin = WebOrigin(url) else { throw BrokenPromise("no origin") }
        guard let path = origin.path(ofLink: text) else { return }
        try promise("a path without its slash", path.hasPrefix("/"))
        let request = origin.description + path
        let address: HTTPAddress
        // What libcurl does not take is not sent.
        do { address = try HTTPAddress(request) } catch { return try Canary.check(error) }
        try promise("it leads elsewhere", address.hostAndPort == "orders.vault.azure.net:443")
    }

    /// The header lines of an answer, and the time it asks to be left alone.
    static let responseHeaders = FuzzTarget(
        "response-headers",
        words: [
            "HTTP/1.1 200 OK\r\n", "Retry-After: ", "\r\n", ": ", "Sun, 06 Nov 1994 08:49:37 GMT",
            "120", "1e9", "nan", "-5", "\t", "\u{85}",
        ]
    ) { input in
        let parts = ResponseParts(byteLimit: 1_024)
        for line in input.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let isTaken = unsafe Array(line).withUnsafeBytes { unsafe parts.takeHeader($0) }
            guard isTaken else { break }
        }
        guard let seconds = RetryAfter.seconds(parts.headers) else { return }
        try promise("an odd pause", (0...RetryAfter.limitSeconds).contains(seconds))
    }

    /// Bearer tokens that somebody made up, and sets of keys that hold none of theirs.
    static let entraTokens = FuzzTarget(
        "entra-tokens",
        words: [
            ".", "{\"keys\":[", "\"kid\"", "\"n\"", "\"e\":\"AQAB\"", "\"AAAA\"", "]}", "\n",
            "eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiIsImtpZCI6ImEifQ", "-", "_", "=",
        ]
    ) { input in
        let parts = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let set = parts.count > 1 ? Array(parts[1]) : []
        let verifier = EntraTokenVerifier(
            .init(tenant: "t", audience: "api://rekey", applications: ["a"]),
            environment: .publicCloud,
            http: OpenTransport(body: set)
        )
        do throws(EntraTokenVerifier.Refusal) {
            _ = try await verifier.application(in: String(decoding: parts[0], as: UTF8.self))
        } catch {
            return try Canary.check(error)
        }
        throw BrokenPromise("a token that nobody signed was accepted")
    }
}

/// Answers everything with the same body.
private struct OpenTransport: HTTPTransport {
    var body: [UInt8]

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        HTTPResponse(status: 200, headers: HTTPHeaders(), body: Secret(copying: body))
    }
}
#endif
