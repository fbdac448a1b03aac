import Foundation

/// How the token endpoint refuses, as Entra words it.
struct SignInError: Error, Sendable {
    let status: Int
    let error: String
    let code: Int
    let text: String

    static let badAssertion = SignInError(
        status: 401,
        error: "invalid_client",
        code: 50027,
        text: "JWT token is invalid or malformed."
    )
    static let assertionOutOfTime = SignInError(
        status: 401,
        error: "invalid_client",
        code: 700_024,
        text: "Client assertion is not within its valid time range."
    )
    static let wrongAudience = SignInError(
        status: 401,
        error: "invalid_client",
        code: 700_023,
        text: "Client assertion audience claim does not match Realm issuer."
    )
    static let badSignature = SignInError(
        status: 401,
        error: "invalid_client",
        code: 700_027,
        text: "Client assertion failed signature validation."
    )
    static let noFederatedCredential = SignInError(
        status: 400,
        error: "invalid_request",
        code: 70021,
        text: "No matching federated identity record found for presented assertion."
    )
    static let noCredential = SignInError(
        status: 401,
        error: "invalid_client",
        code: 7_000_218,
        text: "The request body must contain the following parameter: 'client_assertion' or "
            + "'client_secret'."
    )

    static func wrongSecret(_ appID: String) -> SignInError {
        SignInError(
            status: 401,
            error: "invalid_client",
            code: 7_000_215,
            text: "Invalid client secret provided. Ensure the secret being sent in the request is "
                + "the client secret value, not the client secret ID, for a secret added to app "
                + "'\(appID)'."
        )
    }

    static func expiredSecret(_ appID: String) -> SignInError {
        SignInError(
            status: 401,
            error: "invalid_client",
            code: 7_000_222,
            text: "The provided client secret keys for app '\(appID)' are expired."
        )
    }

    static func disabled(_ appID: String) -> SignInError {
        SignInError(
            status: 401,
            error: "unauthorized_client",
            code: 7_000_112,
            text: "Application '\(appID)' is disabled."
        )
    }

    static func unknownApplication(_ appID: String, tenant: String) -> SignInError {
        SignInError(
            status: 400,
            error: "unauthorized_client",
            code: 700_016,
            text: "Application with identifier '\(appID)' was not found in the directory "
                + "'\(tenant)'."
        )
    }

    static func unknownTenant(_ tenant: String) -> SignInError {
        SignInError(
            status: 400,
            error: "invalid_request",
            code: 90002,
            text: "Tenant '\(tenant)' not found."
        )
    }

    static func grantType(_ type: String) -> SignInError {
        SignInError(
            status: 400,
            error: "unsupported_grant_type",
            code: 70003,
            text: "The app requested an unsupported grant type '\(type)'."
        )
    }

    static func scope(_ scope: String) -> SignInError {
        SignInError(
            status: 400,
            error: "invalid_scope",
            code: 1_002_012,
            text: "The provided value for scope \(scope) is not valid. Client credential flows "
                + "must have a scope value with /.default suffixed to the resource identifier."
        )
    }

    func answer(at time: Date) -> Answer {
        let trace = UUID().uuidString.lowercased()
        let stamp = TimeText.seconds(time)
        return Answer(
            status,
            [
                "error": .string(error),
                "error_description": .string(
                    "AADSTS\(code): \(text) Trace ID: \(trace) Correlation ID: \(trace) "
                        + "Timestamp: \(stamp)"
                ),
                "error_codes": [.integer(code)],
                "timestamp": .string(stamp),
                "trace_id": .string(trace),
                "correlation_id": .string(trace),
            ]
        )
    }
}
