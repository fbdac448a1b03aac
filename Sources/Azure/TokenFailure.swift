package import RekeyCore
import RekeyPlatform

/// Why Entra gave no token: its codes, never its description, which quotes what was sent.
package struct TokenFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The codes of which a decision depends (azure.md §1).
    package enum Code {
        /// A wrong secret, and also a new one that has not spread yet.
        package static let wrongSecret = 7_000_215
        package static let expiredSecret = 7_000_222
    }

    package let kind: StepFailure.Kind
    package let status: Int?
    /// OAuth's own word, such as `invalid_client`.
    package let error: String?
    /// Entra's numbers, written `AADSTS7000215`.
    package let entraCodes: [Int]
    package let detail: String?
    package let retryAfterSeconds: Double?

    init(
        _ kind: StepFailure.Kind,
        status: Int? = nil,
        error: String? = nil,
        entraCodes: [Int] = [],
        detail: String? = nil,
        retryAfterSeconds: Double? = nil
    ) {
        self.kind = kind
        self.status = status
        self.error = error
        self.entraCodes = entraCodes
        self.detail = detail
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// Whether Entra does not know the secret that was presented, or not any more.
    package var isRefusedSecret: Bool {
        entraCodes.contains(Code.wrongSecret) || entraCodes.contains(Code.expiredSecret)
    }

    package var reason: String {
        let codes = entraCodes.map { "AADSTS\($0)" }
        let parts = [status.map(String.init), error].compactMap(\.self) + codes
        return "token: " + (parts + [detail].compactMap(\.self)).joined(separator: " ")
    }

    package var description: String { "\(kind): \(reason)" }
}

extension StepFailure {
    package init(_ failure: TokenFailure) {
        self.init(failure.kind, failure.reason, retryAfterSeconds: failure.retryAfterSeconds)
    }
}

extension TokenFailure {
    /// A request without an answer.
    ///
    /// Asking for a token changes nothing, so it is never `unknown`.
    init(_ failure: HTTPFailure) {
        self.init(failure.isLasting ? .permanent : .transient, detail: failure.description)
    }

    init(_ response: HTTPResponse) {
        let body = AzureErrorBody(response.body)
        let isLater = response.status == 408 || response.status == 429 || response.status >= 500
        self.init(
            isLater ? .transient : .permanent,
            status: response.status,
            error: body.code,
            entraCodes: body.entraCodes,
            retryAfterSeconds: RetryAfter.seconds(response.headers)
        )
    }
}
