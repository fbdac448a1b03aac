import Foundation

/// How Graph refuses: `innerError` in camel case, unlike Key Vault.
struct GraphError: Error, Sendable {
    let status: Int
    let code: String
    let message: String

    func answer(to call: Call, at time: Date) -> Answer {
        let request = UUID().uuidString.lowercased()
        return Answer(
            status,
            [
                "error": [
                    "code": .string(code), "message": .string(message),
                    "innerError": [
                        "date": .string(String(TimeText.seconds(time).dropLast())),
                        "request-id": .string(request),
                        "client-request-id": .string(
                            call.headers["client-request-id"] ?? request
                        ),
                    ],
                ]
            ]
        )
    }

    static let noToken = GraphError(
        status: 401,
        code: "InvalidAuthenticationToken",
        message: "Access token is empty."
    )
    static let badToken = GraphError(
        status: 401,
        code: "InvalidAuthenticationToken",
        message: "Access token validation failure."
    )
    static let denied = GraphError(
        status: 403,
        code: "Authorization_RequestDenied",
        message: "Insufficient privileges to complete the operation."
    )
    static let tooManyPasswords = GraphError(
        status: 400,
        code: "Request_BadRequest",
        message: "The credential limit has been reached: maximum of 2 encrypted credentials."
    )

    static func notFound(_ id: String) -> GraphError {
        GraphError(
            status: 404,
            code: "Request_ResourceNotFound",
            message: "Resource '\(id)' does not exist or one of its queried reference-property "
                + "objects are not present."
        )
    }

    static func badRequest(_ message: String) -> GraphError {
        GraphError(status: 400, code: "Request_BadRequest", message: message)
    }
}
