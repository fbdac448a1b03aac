import Foundation

/// Microsoft Graph v1.0, as far as the credentials of applications go.
enum GraphAPI {
    static let audience = "https://graph.microsoft.com"
    static let contentType =
        "application/json;odata.metadata=minimal;odata.streaming=true;"
        + "IEEE754Compatible=false;charset=utf-8"

    enum Operation: String {
        case listApplications, getApplication, addPassword, removePassword, listOwners
        case updateApplication
    }

    /// What a path asks for: an operation and which application.
    struct Route {
        let operation: Operation
        let selector: Selector

        enum Selector {
            case filter
            case objectID(String)
            case appID(String)
        }

        init?(_ call: Call) {
            guard call.path.count >= 2, call.path[0] == "v1.0" else { return nil }
            var rest = Array(call.path.dropFirst(2))
            if let match = call.path[1].wholeMatch(of: /applications\(appId='([^']+)'\)/) {
                selector = .appID(String(match.1))
            } else if call.path[1] == "applications", let id = rest.first {
                selector = .objectID(id)
                rest.removeFirst()
            } else if call.path[1] == "applications" {
                selector = .filter
            } else {
                return nil
            }
            switch (call.method, rest.joined(separator: "/"), selector) {
            case ("GET", "", .filter): operation = .listApplications
            case (_, _, .filter): return nil
            case ("GET", "", _): operation = .getApplication
            case ("PATCH", "", _): operation = .updateApplication
            case ("POST", "addPassword", _): operation = .addPassword
            case ("POST", "removePassword", _): operation = .removePassword
            case ("GET", "owners", _): operation = .listOwners
            default: return nil
            }
        }
    }

    static func operation(of call: Call) -> String {
        Route(call)?.operation.rawValue ?? "unknown"
    }

    static func answer(_ call: Call, in world: inout World) -> Answer {
        var answer: Answer
        let caller = world.principal(of: call, audience: audience)
        do throws(GraphError) {
            guard let caller else { throw call.bearer == nil ? .noToken : .badToken }
            guard let route = Route(call) else { throw .badRequest("Unsupported request.") }
            answer = try perform(route, call, caller: caller, in: &world)
        } catch {
            answer = error.answer(to: call, at: world.now)
        }
        answer.principal = caller?.appID
        if !answer.body.isEmpty { answer.headers["content-type"] = contentType }
        answer.headers["odata-version"] = "4.0"
        answer.headers["x-ms-resource-unit"] = call.method == "GET" ? "1" : "2"
        answer.headers["request-id"] = UUID().uuidString.lowercased()
        answer.headers["client-request-id"] = call.headers["client-request-id"]
        return answer
    }

    private static func perform(
        _ route: Route,
        _ call: Call,
        caller: ApplicationRecord,
        in world: inout World
    ) throws(GraphError) -> Answer {
        guard canRead(caller) else { throw .denied }
        if case .listApplications = route.operation { return try list(call, in: &world) }
        let target = try application(route.selector, in: world)
        switch route.operation {
        case .listApplications, .getApplication:
            return get(target, call, in: &world)
        case .listOwners:
            return owners(of: target, in: world)
        case .addPassword, .removePassword, .updateApplication:
            guard canWrite(caller, target, in: world) else { throw .denied }
        }
        return switch route.operation {
        case .addPassword: try addPassword(to: target, call, in: &world)
        case .removePassword: try removePassword(from: target, call, in: &world)
        case .listApplications, .getApplication, .listOwners, .updateApplication:
            throw .badRequest("Updates of this resource are not supported here.")
        }
    }

    private static func canRead(_ caller: ApplicationRecord) -> Bool {
        !caller.graphRights.isDisjoint(with: [
            "Application.Read.All", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy",
        ])
    }

    /// With OwnedBy only what the caller owns.
    private static func canWrite(
        _ caller: ApplicationRecord,
        _ target: ApplicationRecord,
        in world: World
    ) -> Bool {
        guard world.allows(caller, api: .graph, permission: "write") else { return false }
        return caller.graphRights.contains("Application.ReadWrite.All")
            || caller.graphRights.contains("Application.ReadWrite.OwnedBy")
                && target.owners.contains(caller.name)
    }

    /// The application id is no object id: taking one for the other is 404.
    private static func application(
        _ selector: Route.Selector,
        in world: World
    ) throws(GraphError) -> ApplicationRecord {
        switch selector {
        case .appID(let id):
            guard let record = world.applications[id] else { throw .notFound(id) }
            return record
        case .objectID(let id):
            guard let record = world.applications.values.first(where: { $0.objectID == id })
            else { throw .notFound(id) }
            return record
        case .filter: throw .badRequest("A filter selects no single application.")
        }
    }
}
