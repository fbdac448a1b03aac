package import RekeyCore
import RekeyPlatform

/// Why a request to Azure gave no result: codes and names only, never a reply's text.
package struct AzureFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package let kind: StepFailure.Kind

    /// Whom was asked what, such as `vault app getSecret`.
    package let operation: String
    package let status: Int?

    /// The outer code, such as `Forbidden`, which is often too general to act on.
    package let code: String?

    /// The code within, such as `SecretDisabled`.
    package let innerCode: String?

    /// What else is known: libcurl's code and call, a token's error, what was expected.
    package let detail: String?
    package let retryAfterSeconds: Double?

    /// `x-ms-request-id`, which Azure's support asks for.
    package let requestID: String?

    package init(
        _ kind: StepFailure.Kind,
        _ operation: String,
        status: Int? = nil,
        code: String? = nil,
        innerCode: String? = nil,
        detail: String? = nil,
        retryAfterSeconds: Double? = nil,
        requestID: String? = nil
    ) {
        self.kind = kind
        self.operation = operation
        self.status = status
        self.code = code
        self.innerCode = innerCode
        self.detail = detail
        self.retryAfterSeconds = retryAfterSeconds
        self.requestID = requestID
    }

    /// Without the kind, which whoever prints it has beside it.
    package var reason: String {
        let answer = [status.map(String.init), code, innerCode, detail].compactMap(\.self)
        let request = requestID.map { " (request \($0))" } ?? ""
        return "\(operation): \(answer.joined(separator: " "))\(request)"
    }

    package var description: String { "\(kind): \(reason)" }

    /// Whether the server answered with one of these codes, in either place.
    package func hasCode(_ codes: String...) -> Bool {
        codes.contains { $0 == code || $0 == innerCode }
    }
}

extension StepFailure {
    package init(_ failure: AzureFailure) {
        self.init(failure.kind, failure.reason, retryAfterSeconds: failure.retryAfterSeconds)
    }
}

extension AzureFailure {
    /// A token that could not be had: nothing was sent to the API itself.
    ///
    /// Rekey's own identity may be refused for a while: its new secret has not spread, a role was
    /// taken away, a clock is wrong. What is under way then has to go on afterwards by itself, so
    /// that this is always `transient`; where it lasts, `Rotation.troubledReason` tells of it.
    init(_ failure: StepFailure, for operation: String) {
        self.init(
            .transient,
            operation,
            detail: failure.reason,
            retryAfterSeconds: failure.retryAfterSeconds
        )
    }

    /// A request without an answer.
    init(_ failure: HTTPFailure, for operation: String, effect: RequestEffect) {
        let kind: StepFailure.Kind =
            if failure.mayHaveTakenEffect {
                effect == .once ? .unknown : .transient
            } else {
                failure.isLasting ? .permanent : .transient
            }
        self.init(kind, operation, detail: failure.description)
    }
}

/// What sending a request a second time would do.
package enum RequestEffect: Sendable {
    /// Nothing changes.
    case reads
    /// The second time changes nothing more.
    case repeatable
    /// Each time has its own effect, so an answer that was lost leaves the outcome unknown.
    case once
}

extension HTTPFailure {
    /// libcurl's codes for a certificate or a URL that will be no better next time
    /// (`CURLE_URL_MALFORMAT`, `CURLE_SSL_CERTPROBLEM`, `CURLE_PEER_FAILED_VERIFICATION`,
    /// `CURLE_SSL_CACERT_BADFILE`, `CURLE_SSL_ISSUER_ERROR`).
    private static let lastingCodes: Set<Int32> = [3, 58, 60, 77, 83]

    /// Whether trying again without a change somewhere is useless.
    var isLasting: Bool {
        if case .refused = kind { return true }
        return Self.lastingCodes.contains(code)
    }
}
