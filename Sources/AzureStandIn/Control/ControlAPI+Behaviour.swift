import Foundation

/// Faults, settings, time and permissions.
extension ControlAPI {
    func behaviour(_ call: Call) async throws -> Answer {
        switch (call.method, call.path[0]) {
        case ("GET", "faults"):
            return Answer(
                200,
                await standIn.read { ["faults": .array($0.faults.faults.map(\.json))] }
            )
        case ("PUT", "faults"), ("POST", "faults"): return try await addFault(call)
        case ("DELETE", "faults"): return await removeFaults(call)
        case ("GET", "settings"): return Answer(200, await standIn.read { $0.settings.json })
        case ("PATCH", "settings"), ("PUT", "settings"):
            let members = try decode([String: Double].self, call)
            try await standIn.change { try $0.settings.apply(members) }
            return Answer(200, await standIn.read { $0.settings.json })
        case ("GET", "clock"): return Answer(200, await standIn.read(ControlAPI.clock))
        case ("PUT", "clock"):
            let offset = try offset(try body(call))
            await standIn.change { $0.clock.offsetSeconds = offset }
            return Answer(200, await standIn.read(ControlAPI.clock))
        case ("GET", "permissions"):
            return Answer(
                200,
                await standIn.read { world in
                    ["withdrawn": .array(world.withdrawn.map(\.json))]
                }
            )
        case ("POST", "permissions") where call.path.count == 2:
            return try await changePermissions(call)
        default: return unknown(call)
        }
    }

    private static func clock(_ world: World) -> JSON {
        [
            "offsetSeconds": .number(world.clock.offsetSeconds),
            "now": .string(TimeText.milliseconds(world.now)),
        ]
    }

    private func offset(_ json: JSON) throws -> Double {
        if let offset = json["offsetSeconds"]?.double { return offset }
        guard let date = json["now"]?.string.flatMap(TimeText.parse) else {
            throw ControlRefusal("body: expected offsetSeconds, or now as ISO 8601")
        }
        return date.timeIntervalSinceNow
    }

    /// Lags and flaps are settings of an API; everything else is a fault with an id.
    private func addFault(_ call: Call) async throws -> Answer {
        let json = try body(call)
        let kind = json["kind"]?.string ?? ""
        if ["lag", "flap"].contains(kind) {
            let seconds = json["seconds"]?.double ?? 0
            let names =
                switch (json["api"]?.string ?? "", kind) {
                case ("login", "lag"): ["passwordLagSeconds"]
                case ("graph", "lag"): ["graphLagSeconds"]
                case ("graph", "flap"): ["graphFlapSeconds"]
                case ("keyvault", "lag"): ["deleteLagSeconds", "recoverLagSeconds"]
                default: throw ControlRefusal("api: \(kind) is known for login, graph, keyvault")
                }
            let members = Dictionary(uniqueKeysWithValues: names.map { ($0, seconds) })
            try await standIn.change { try $0.settings.apply(members) }
            return Answer(200, await standIn.read { $0.settings.json })
        }
        let fault = try Fault(json, id: UUID().uuidString.lowercased())
        await standIn.change { $0.faults.add(fault) }
        return Answer(201, fault.json)
    }

    private func removeFaults(_ call: Call) async -> Answer {
        guard call.path.count == 2 else {
            await standIn.change { $0.faults.removeAll() }
            return Answer(204)
        }
        let id = call.path[1]
        let isRemoved = await standIn.change { $0.faults.remove(id: id) }
        return isRemoved ? Answer(204) : unknown(call)
    }

    private func changePermissions(_ call: Call) async throws -> Answer {
        let json = try body(call)
        let name = json["principal"]?.string ?? ""
        let api = json["api"]?.string ?? ""
        guard ["keyvault", "graph", "arm"].contains(api) else {
            throw ControlRefusal("api: expected keyvault, graph or arm")
        }
        let listed = json["permissions"]?.elements?.compactMap(\.string)
        let permissions = listed ?? World.writePermissions(of: api)
        let isWithdrawal = call.path[1] == "withdraw"
        guard isWithdrawal || call.path[1] == "restore" else { return unknown(call) }
        let vault = json["vault"]?.string
        return try await standIn.change { world in
            guard let application = world.application(named: name) else {
                throw ControlRefusal("principal: no application \(name)")
            }
            let vaults: [String?] =
                api == "keyvault" ? vault.map { [$0] } ?? world.vaults.keys.map { $0 } : [nil]
            for vault in vaults {
                for permission in permissions {
                    let right = Right(
                        appID: application.appID,
                        api: api,
                        vault: vault,
                        permission: permission
                    )
                    if isWithdrawal {
                        world.withdrawn.insert(right)
                    } else {
                        world.withdrawn.remove(right)
                    }
                }
            }
            return Answer(200, ["withdrawn": .array(world.withdrawn.map(\.json))])
        }
    }
}
