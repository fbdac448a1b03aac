/// How Key Vault refuses: `innererror` in lower case tells what the generic code does not.
struct KeyVaultError: Error, Sendable {
    let status: Int
    let code: String
    let message: String
    var inner: String?

    var answer: Answer {
        var error: [String: JSON] = ["code": .string(code), "message": .string(message)]
        if let inner { error["innererror"] = ["code": .string(inner)] }
        return Answer(status, ["error": .object(error)])
    }

    static func badParameter(_ message: String) -> KeyVaultError {
        KeyVaultError(status: 400, code: "BadParameter", message: message)
    }

    static func notFound(_ name: String) -> KeyVaultError {
        KeyVaultError(
            status: 404,
            code: "SecretNotFound",
            message: "A secret with (name/id) \(name) was not found in this key vault. If you "
                + "recently deleted this secret you may be able to recover it using the correct "
                + "recovery command."
        )
    }

    static func deletedNotFound(_ name: String) -> KeyVaultError {
        KeyVaultError(
            status: 404,
            code: "SecretNotFound",
            message: "Deleted Secret not found: \(name)"
        )
    }

    static let disabled = KeyVaultError(
        status: 403,
        code: "Forbidden",
        message: "Operation get is not allowed on a disabled secret.",
        inner: "SecretDisabled"
    )

    static func forbidden(_ permission: String, caller: ApplicationRecord) -> KeyVaultError {
        KeyVaultError(
            status: 403,
            code: "Forbidden",
            message: "Caller is not authorized to perform action on resource.\r\nIf role "
                + "assignments, deny assignments or role definitions were changed recently, "
                + "please observe propagation time.\r\nCaller: appid=\(caller.appID);"
                + "oid=\(caller.servicePrincipalID)\r\nAction: "
                + "'Microsoft.KeyVault/vaults/secrets/\(permission)'",
            inner: "ForbiddenByRbac"
        )
    }

    static let throttled = KeyVaultError(
        status: 429,
        code: "Throttled",
        message: "Request was not processed because too many requests were received."
    )

    static let purgeProtected = KeyVaultError(
        status: 403,
        code: "Forbidden",
        message: "Operation \"purge\" is not allowed because purge protection is enabled for "
            + "this vault."
    )

    static func conflict(_ name: String, inner: String) -> KeyVaultError {
        let state =
            switch inner {
            case "ObjectIsDeletedButRecoverable":
                "is currently in a deleted but recoverable state, and its name cannot be reused; "
                    + "in this state, the secret can only be recovered or purged."
            case "ObjectIsBeingDeleted": "is currently being deleted."
            default: "is currently being recovered."
            }
        return KeyVaultError(
            status: 409,
            code: "Conflict",
            message: "Secret \(name) \(state)",
            inner: inner
        )
    }
}
