import Foundation
import RekeyCore
import RekeyPlatform

/// Asking the machine's own identity endpoint, as azure-identity's `imds.py` and `app_service.py`
/// do (azure.md §1a).
extension ManagedIdentity {
    /// The metadata service being upgraded answers 410 for up to this long.
    private static let upgradeSeconds = 70.0
    private static let firstPauseSeconds = 0.8
    private static let attempts = 5
    private static let connectTimeout = Duration.seconds(2)

    func token(
        for resource: String,
        http: any HTTPTransport,
        now: @Sendable () -> Date,
        pause: @Sendable (Duration) async throws -> Void
    ) async throws(TokenFailure) -> AccessToken {
        var waited = 0.0
        var attempt = 1
        while true {
            let failure: TokenFailure
            do throws(TokenFailure) {
                return try await ask(resource, http, now: now())
            } catch {
                failure = error
            }
            let isUpgrading = failure.status == 410 && waited < Self.upgradeSeconds
            guard isWorthAnother(failure), attempt < Self.attempts || isUpgrading else {
                throw failure
            }
            // 0.8 s doubled each time gives 1.6, 3.2, 6.4, 12.8, 25.6.
            let seconds = Self.firstPauseSeconds * Double(1 << min(attempt, 5))
            do { try await pause(.seconds(seconds)) } catch { throw failure }
            waited += seconds
            attempt += 1
        }
    }

    private func ask(
        _ resource: String,
        _ http: any HTTPTransport,
        now: Date
    ) async throws(TokenFailure) -> AccessToken {
        let response: HTTPResponse
        do { response = try await http.send(request(resource)) } catch {
            throw TokenFailure(error)
        }
        return try TokenAnswer.token(in: response, now: now)
    }

    /// 400 means that there is no such identity, which another attempt does not change.
    private func isWorthAnother(_ failure: TokenFailure) -> Bool {
        guard case .metadata = host, let status = failure.status else { return false }
        return status == 404 || status == 410 || status == 429 || status >= 500
    }

    private func request(_ resource: String) -> HTTPRequest {
        var query = URLComponents()
        var items: [URLQueryItem]
        let address: String
        let header: HTTPHeader
        switch host {
        case .metadata(let endpoint):
            address = "\(endpoint)/metadata/identity/oauth2/token"
            items = [URLQueryItem(name: "api-version", value: "2018-02-01")]
            header = HTTPHeader(name: "Metadata", value: "true")
        case .app(let endpoint, let secret):
            address = endpoint
            items = [URLQueryItem(name: "api-version", value: "2019-08-01")]
            header = HTTPHeader(name: "X-IDENTITY-HEADER", secret: secret)
        }
        items.append(URLQueryItem(name: "resource", value: resource))
        if let selected { items.append(URLQueryItem(name: selected.name, value: selected.value)) }
        query.queryItems = items
        let text = query.percentEncodedQuery ?? ""
        var request = HTTPRequest(.get, "\(address)?\(text)", headers: [header])
        request.bypassesProxy = true
        request.connectTimeout = Self.connectTimeout
        return request
    }

    /// The two hosts spell the same choice differently (MSAL's constants).
    private var selected: (name: String, value: String)? {
        let isMetadata = if case .metadata = host { true } else { false }
        return switch selector {
        case .system: nil
        case .clientID(let id): ("client_id", id)
        case .objectID(let id): (isMetadata ? "object_id" : "principal_id", id)
        case .resourceID(let id): (isMetadata ? "msi_res_id" : "mi_res_id", id)
        }
    }
}
