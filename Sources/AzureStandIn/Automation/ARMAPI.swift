import Foundation

/// Azure Resource Manager with one provider: Automation, api-version 2024-10-23.
enum ARMAPI {
    static let audience = "https://management.azure.com"
    static let burst = "1999"

    enum Operation: String {
        case getRunbook, listRunbooks, putJob, getJob, listJobs, listStreams, getStream, getOutput
        case stopJob
        case listWorkerGroups, getWorkerGroup, listWorkers, getWorker

        var isWrite: Bool {
            switch self {
            case .putJob, .stopJob: true
            case .getRunbook, .listRunbooks, .getJob, .listJobs, .listStreams, .getStream,
                .getOutput, .listWorkerGroups, .getWorkerGroup, .listWorkers, .getWorker:
                false
            }
        }

        /// `rest` is the path below the account.
        init?(method: String, rest: [String]) {
            let kind = rest.first?.lowercased() ?? ""
            let part = rest.count > 2 ? rest[2].lowercased() : ""
            switch (method, kind, rest.count, part) {
            case ("GET", "runbooks", 1, _): self = .listRunbooks
            case ("GET", "runbooks", 2, _): self = .getRunbook
            case ("GET", "jobs", 1, _): self = .listJobs
            case ("PUT", "jobs", 2, _): self = .putJob
            case ("GET", "jobs", 2, _): self = .getJob
            case ("GET", "jobs", 3, "output"): self = .getOutput
            case ("POST", "jobs", 3, "stop"): self = .stopJob
            case ("GET", "jobs", 3, "streams"): self = .listStreams
            case ("GET", "jobs", 4, "streams"): self = .getStream
            case ("GET", "hybridrunbookworkergroups", 1, _): self = .listWorkerGroups
            case ("GET", "hybridrunbookworkergroups", 2, _): self = .getWorkerGroup
            case ("GET", "hybridrunbookworkergroups", 3, "hybridrunbookworkers"):
                self = .listWorkers
            case ("GET", "hybridrunbookworkergroups", 4, "hybridrunbookworkers"):
                self = .getWorker
            default: return nil
            }
        }
    }

    /// Where the account's own path ends: /subscriptions/S/resourceGroups/G/providers/P/T/A.
    static let accountDepth = 8

    static func operation(of call: Call) -> String {
        Operation(method: call.method, rest: Array(call.path.dropFirst(accountDepth)))?.rawValue
            ?? "unknown"
    }

    static func answer(_ call: Call, in world: inout World) -> Answer {
        guard let caller = world.principal(of: call, audience: audience) else {
            return challenge(call, in: world)
        }
        var answer: Answer
        do throws(ARMError) {
            answer = try judged(call, caller: caller, in: &world)
        } catch {
            answer = error.answer
        }
        answer.principal = caller.appID
        let kind = call.method == "GET" ? "reads" : "writes"
        answer.headers["x-ms-ratelimit-remaining-subscription-\(kind)"] = burst
        answer.headers["x-ms-request-id"] = UUID().uuidString.lowercased()
        answer.headers["x-ms-correlation-request-id"] = UUID().uuidString.lowercased()
        return answer
    }

    private static func challenge(_ call: Call, in world: World) -> Answer {
        let authority = "\(world.endpoints.authority)/\(world.tenant)"
        return Answer(
            401,
            [
                "error": [
                    "code": "AuthenticationFailed",
                    "message": .string(
                        call.bearer == nil
                            ? "Authentication failed. The 'Authorization' header is missing."
                            : "Authentication failed."
                    ),
                ]
            ],
            headers: [
                "www-authenticate": "Bearer authorization_uri=\"\(authority)\", "
                    + "error=\"invalid_token\", "
                    + "error_description=\"The authentication failed.\""
            ]
        )
    }

    private static func judged(
        _ call: Call,
        caller: ApplicationRecord,
        in world: inout World
    ) throws(ARMError) -> Answer {
        guard call.query["api-version"] != nil else { throw .missingVersion }
        try checkScope(call, in: world)
        let rest = Array(call.path.dropFirst(accountDepth))
        guard let operation = Operation(method: call.method, rest: rest) else {
            throw ARMError(
                status: 400,
                code: "InvalidResourceType",
                message: "The resource type could not be found in this double."
            )
        }
        let permission = operation.isWrite ? "write" : "read"
        guard world.allows(caller, api: .arm, permission: permission) else {
            throw .denied(caller, path: call.rawPath)
        }
        return switch operation {
        case .getRunbook, .listRunbooks: try runbooks(operation, rest, in: world)
        case .putJob: try putJob(call, named: rest[1], caller: caller, in: &world)
        case .stopJob: try stopJob(named: rest[1], in: &world)
        case .getJob, .listJobs, .getOutput: try jobs(operation, rest, in: world)
        case .listStreams, .getStream: try streams(operation, call, rest, in: world)
        case .listWorkerGroups, .getWorkerGroup, .listWorkers, .getWorker:
            try workers(operation, rest, in: world)
        }
    }

    private static func checkScope(_ call: Call, in world: World) throws(ARMError) {
        let path = call.path.map { $0.lowercased() }
        guard path.count > accountDepth, path[0] == "subscriptions", path[2] == "resourcegroups",
            path[4] == "providers", path[5] == "microsoft.automation",
            path[6] == "automationaccounts"
        else {
            throw ARMError(
                status: 404,
                code: "InvalidResourceType",
                message: "The resource type could not be found in this double."
            )
        }
        guard path[1] == world.subscription.lowercased() else {
            throw ARMError(
                status: 404,
                code: "SubscriptionNotFound",
                message: "The subscription '\(call.path[1])' could not be found."
            )
        }
        guard path[3] == world.resourceGroup.lowercased() else {
            throw ARMError(
                status: 404,
                code: "ResourceGroupNotFound",
                message: "Resource group '\(call.path[3])' could not be found."
            )
        }
        guard path[7] == world.automation.name.lowercased() else {
            throw ARMError(
                status: 404,
                code: "ResourceNotFound",
                message: "The Resource 'Microsoft.Automation/automationAccounts/"
                    + "\(call.path[7])' was not found."
            )
        }
    }

    /// The id of a resource below the account.
    static func resourceID(_ rest: String, in world: World) -> String {
        "/subscriptions/\(world.subscription)/resourceGroups/\(world.resourceGroup)"
            + "/providers/Microsoft.Automation/automationAccounts/\(world.automation.name)/\(rest)"
    }
}
