/// How Azure Resource Manager refuses; Automation itself answers without the outer `error`.
struct ARMError: Error, Sendable {
    let status: Int
    let code: String
    let message: String
    var isTopLevel = false

    var answer: Answer {
        let error: JSON = ["code": .string(code), "message": .string(message)]
        return Answer(status, isTopLevel ? error : ["error": error])
    }

    static let missingVersion = ARMError(
        status: 400,
        code: "MissingApiVersionParameter",
        message: "The api-version query parameter (?api-version=) is required for all requests."
    )

    static func notFound(_ what: String) -> ARMError {
        ARMError(
            status: 404,
            code: "ResourceNotFound",
            message: "The \(what) was not found.",
            isTopLevel: true
        )
    }

    static func badRequest(_ message: String) -> ARMError {
        ARMError(status: 400, code: "BadRequest", message: message, isTopLevel: true)
    }

    static let jobExists = ARMError(
        status: 409,
        code: "Conflict",
        message: "Job with specified id already exists.",
        isTopLevel: true
    )

    static func denied(_ caller: ApplicationRecord, path: String) -> ARMError {
        ARMError(
            status: 403,
            code: "AuthorizationFailed",
            message: "The client '\(caller.appID)' with object id "
                + "'\(caller.servicePrincipalID)' does not have authorization to perform this "
                + "action over scope '\(path)' or the scope is invalid."
        )
    }
}
