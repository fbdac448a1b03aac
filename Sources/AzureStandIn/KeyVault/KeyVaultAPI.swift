/// Key Vault's secrets data plane: who may come in, and what each request is called.
enum KeyVaultAPI {
    static let audience = "https://vault.azure.net"
    static let serviceVersion = "1.9.2900.1"

    /// Which operation a request is, with the permission that it needs.
    enum Operation: String {
        case setSecret, getSecret, listSecrets, listVersions, updateSecret, deleteSecret
        case getDeletedSecret, listDeletedSecrets, recoverDeletedSecret, purgeDeletedSecret

        init?(method: String, path: [String]) {
            switch (method, path.first ?? "", path.count) {
            case ("GET", "secrets", 1): self = .listSecrets
            case ("GET", "secrets", 3) where path[2] == "versions": self = .listVersions
            case ("GET", "secrets", 2...3): self = .getSecret
            case ("PUT", "secrets", 2): self = .setSecret
            case ("PATCH", "secrets", 2...3): self = .updateSecret
            case ("DELETE", "secrets", 2): self = .deleteSecret
            case ("GET", "deletedsecrets", 1): self = .listDeletedSecrets
            case ("GET", "deletedsecrets", 2): self = .getDeletedSecret
            case ("POST", "deletedsecrets", 3) where path[2] == "recover":
                self = .recoverDeletedSecret
            case ("DELETE", "deletedsecrets", 2): self = .purgeDeletedSecret
            default: return nil
            }
        }

        var permission: String {
            switch self {
            case .setSecret, .updateSecret: "set"
            case .getSecret, .getDeletedSecret: "get"
            case .listSecrets, .listVersions, .listDeletedSecrets: "list"
            case .deleteSecret: "delete"
            case .recoverDeletedSecret: "recover"
            case .purgeDeletedSecret: "purge"
            }
        }
    }

    static func operation(of call: Call) -> String {
        Operation(method: call.method, path: call.path)?.rawValue ?? "unknown"
    }

    static func answer(_ call: Call, vault name: String, in world: inout World) -> Answer {
        var answer = judged(call, vault: name, in: &world)
        answer.headers["x-ms-keyvault-service-version"] = serviceVersion
        answer.headers["x-ms-client-request-id"] = call.headers["x-ms-client-request-id"]
        return answer
    }

    private static func judged(_ call: Call, vault name: String, in world: inout World) -> Answer {
        guard let caller = world.principal(of: call, audience: audience) else {
            return challenge(call, in: world)
        }
        var answer: Answer
        do throws(KeyVaultError) {
            try checkVersion(call.query["api-version"])
            guard let operation = Operation(method: call.method, path: call.path) else {
                throw KeyVaultError(
                    status: call.path.first == "secrets" ? 405 : 404,
                    code: "BadParameter",
                    message: "Method or path is not supported."
                )
            }
            guard world.allows(caller, api: call.api, permission: operation.permission) else {
                throw .forbidden(operation.rawValue, caller: caller)
            }
            answer = try perform(operation, call, vault: name, in: &world)
        } catch {
            answer = error.answer
        }
        answer.principal = caller.appID
        return answer
    }

    /// Names the authority, so that a client learns the tenant from a first, empty request.
    private static func challenge(_ call: Call, in world: World) -> Answer {
        let message =
            call.bearer == nil
            ? "AKV10000: Request is missing a Bearer or PoP token."
            : "AKV10032: Invalid issuer, audience or lifetime of the token."
        return Answer(
            401,
            ["error": ["code": "Unauthorized", "message": .string(message)]],
            headers: [
                "www-authenticate": "Bearer authorization=\""
                    + "\(world.endpoints.authority)/\(world.tenant)\", resource=\"\(audience)\""
            ]
        )
    }

    private static func checkVersion(_ version: String?) throws(KeyVaultError) {
        guard let version, !version.isEmpty else {
            throw .badParameter("api-version must be specified")
        }
        let isOld = version.wholeMatch(of: /7\.[0-6]/) != nil
        let isDated = version.wholeMatch(of: /20\d\d-\d\d-\d\d(-preview)?/) != nil
        guard isOld || isDated else {
            throw .badParameter("The specified version (\(version)) is not recognized.")
        }
    }

    private static func perform(
        _ operation: Operation,
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        switch operation {
        case .setSecret: try setSecret(call, vault: vault, in: &world)
        case .getSecret: try getSecret(call, vault: vault, in: &world)
        case .updateSecret: try updateSecret(call, vault: vault, in: &world)
        case .listSecrets: try listSecrets(call, vault: vault, in: &world)
        case .listVersions: try listVersions(call, vault: vault, in: &world)
        case .deleteSecret: try deleteSecret(call, vault: vault, in: &world)
        case .getDeletedSecret: try getDeletedSecret(call, vault: vault, in: &world)
        case .listDeletedSecrets: try listDeletedSecrets(call, vault: vault, in: &world)
        case .recoverDeletedSecret: try recoverDeletedSecret(call, vault: vault, in: &world)
        case .purgeDeletedSecret: try purgeDeletedSecret(call, vault: vault, in: &world)
        }
    }

    /// The record of a name that may be read now; 404 for what is deleted or not yet recovered.
    static func readable(
        _ name: String,
        vault: String,
        in world: World
    ) throws(KeyVaultError) -> SecretRecord {
        guard let record = world.vaults[vault]?.secrets[name.lowercased()],
            record.isReadable(at: world.clock.real)
        else { throw .notFound(name) }
        return record
    }

    static func identifier(_ call: Call, _ name: String, _ version: String) -> String {
        "\(call.origin)/secrets/\(name)/\(version)"
    }
}
