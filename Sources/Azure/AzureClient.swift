import Foundation
package import RekeyCore
import RekeyPlatform
import RekeyTelemetry

/// Sends authorised requests to one Azure host, each at most once.
///
/// A token goes only to the origin that the client was made for: a request is that origin with a
/// path, and a server's link is followed only where it leads back there. Nothing is sent a second
/// time, except after a 401, which means that nothing was done. Over `http` it sends nothing, and
/// after the end of the `CallWindow` nothing that changes something.
package struct AzureClient: Sendable {
    package let origin: WebOrigin
    private let name: String
    private let http: any HTTPTransport
    private let tokens: any TokenSource
    private let throttle: RequestThrottle?
    private let timeout: Duration

    /// `name` begins every failure's reason, such as `vault app`.
    package init(
        name: String,
        origin: WebOrigin,
        http: any HTTPTransport,
        tokens: any TokenSource,
        throttle: RequestThrottle? = nil,
        timeout: Duration = HTTPRequest.defaultTimeout
    ) {
        self.name = name
        self.origin = origin
        self.http = http
        self.tokens = tokens
        self.throttle = throttle
        self.timeout = timeout
    }

    /// Sends the request with a token for `resource`.
    ///
    /// Returns any answer from 200 to 299; the others are failures with their codes: 429 is
    /// `transient`, 408 and 5xx are `unknown` for a request that is not safe to repeat.
    package func send(
        _ request: AzureRequest,
        for resource: String
    ) async throws(AzureFailure) -> AzureResponse {
        let token = try await token(for: resource, claims: nil, request)
        let first = try await exchange(request, token)
        guard first.status == 401 else { return try checked(first, request) }
        let challenge = first.headers["www-authenticate"].flatMap(BearerChallenge.init)
        let claims = challenge?.claims.flatMap(Self.decodedClaims)
        await tokens.forget(resource)
        let fresh = try await self.token(for: resource, claims: claims, request)
        return try checked(try await exchange(request, fresh), request)
    }

    /// Asks without token and body, and returns what the host demands.
    package func challenge(
        _ operation: String,
        _ path: String
    ) async throws(AzureFailure) -> BearerChallenge {
        let request = AzureRequest(operation, .get, path, effect: .reads)
        let response = try await exchange(request, nil)
        guard response.status == 401 else {
            if !(200..<300).contains(response.status) { _ = try checked(response, request) }
            throw failure(.permanent, operation, "answers without asking who we are")
        }
        guard let challenge = response.headers["www-authenticate"].flatMap(BearerChallenge.init)
        else { throw failure(.permanent, operation, "401 without a challenge for a token") }
        return challenge
    }

    /// Path and query of a link that the server gave.
    package func path(
        ofLink link: String,
        _ operation: String
    ) throws(AzureFailure) -> String {
        guard let path = origin.path(ofLink: link) else {
            let detail = "a link to another host than \(origin) was not followed"
            throw AzureFailure(.permanent, "\(name) \(operation)", detail: detail)
        }
        return path
    }

    /// A failure of an operation of this client.
    package func failure(
        _ kind: StepFailure.Kind,
        _ operation: String,
        _ detail: String
    ) -> AzureFailure {
        AzureFailure(kind, "\(name) \(operation)", detail: detail)
    }

    private func token(
        for resource: String,
        claims: String?,
        _ request: AzureRequest
    ) async throws(AzureFailure) -> AccessToken {
        do {
            return try await tokens.token(for: resource, claims: claims)
        } catch {
            throw AzureFailure(error, for: "\(name) \(request.operation)")
        }
    }

    private func count(_ status: String) {
        Measure.count(.requests, ["host": origin.host, "status": status])
    }

    private func exchange(
        _ request: AzureRequest,
        _ token: AccessToken?
    ) async throws(AzureFailure) -> HTTPResponse {
        let operation = "\(name) \(request.operation)"
        guard origin.scheme == "https" else {
            throw AzureFailure(.permanent, operation, detail: "no token is sent over http")
        }
        if let seconds = await throttle?.turn(for: request.effect) {
            throw AzureFailure(
                .transient,
                operation,
                detail: "held back by the host's limits",
                retryAfterSeconds: seconds
            )
        }
        guard request.effect == .reads || !CallWindow.isClosed else {
            throw AzureFailure(.transient, operation, detail: CallWindow.reason)
        }
        let response: HTTPResponse
        do {
            response = try await http.send(built(request, token))
            count("\(response.status)")
        } catch {
            count("none")
            throw AzureFailure(error, for: operation, effect: request.effect)
        }
        if response.status == 429 {
            await throttle?.pause(seconds: RetryAfter.seconds(response.headers))
        }
        return response
    }

    private func built(_ request: AzureRequest, _ token: AccessToken?) -> HTTPRequest {
        var headers = [
            HTTPHeader(name: "Accept", value: "application/json"),
            HTTPHeader(name: "x-ms-client-request-id", value: UUID().uuidString.lowercased()),
        ]
        if let token {
            let header = HTTPHeader(name: "Authorization", secret: token.secret, prefix: "Bearer ")
            headers.append(header)
        }
        if request.body != nil {
            headers.append(HTTPHeader(name: "Content-Type", value: "application/json"))
        }
        var built = HTTPRequest(
            request.method,
            origin.description + request.path,
            headers: headers,
            body: request.body,
            timeout: timeout
        )
        built.isSafeToRepeat = request.effect != .once
        return built
    }

    private func checked(
        _ response: HTTPResponse,
        _ request: AzureRequest
    ) throws(AzureFailure) -> AzureResponse {
        let operation = "\(name) \(request.operation)"
        guard (200..<300).contains(response.status) else {
            throw AzureFailure(response, for: operation, effect: request.effect)
        }
        return AzureResponse(response, operation: operation, effect: request.effect)
    }

    /// The JSON that the header holds in Base 64, with or without padding.
    static func decodedClaims(_ encoded: String) -> String? {
        let standard = encoded.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
            .filter { $0 != "=" }
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        return Data(base64Encoded: String(standard) + padding)
            .flatMap { String(data: $0, encoding: .utf8) }
    }
}
