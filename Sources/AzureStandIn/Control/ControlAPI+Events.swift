import Foundation

/// Event subscriptions, deliveries, and events sent on request.
extension ControlAPI {
    static let copyLimit = 1000

    func events(_ call: Call) async throws -> Answer {
        switch (call.method, call.path[0], call.path.count) {
        case ("GET", "subscriptions", 1):
            return Answer(
                200,
                await standIn.read { ["subscriptions": .array($0.subscriptions.map(\.json))] }
            )
        case ("POST", "subscriptions", 1):
            let declared = try decode(Scenario.Subscription.self, call)
            let subscription = try builder.subscription(declared)
            await standIn.change { world in
                // A second one of the same name is an update, and is validated again.
                world.subscriptions.removeAll { $0.name == subscription.name }
                world.subscriptions.append(subscription)
            }
            return Answer(201, subscription.json)
        case ("DELETE", "subscriptions", 2):
            let name = call.path[1]
            await standIn.change { $0.subscriptions.removeAll { $0.name == name } }
            return Answer(204)
        case ("GET", "deliveries", 1):
            return Answer(
                200,
                await standIn.read { ["deliveries": .array($0.deliveries.map(\.json))] }
            )
        case ("POST", "events", 1): return try await publish(call)
        default: return unknown(call)
        }
    }

    private func publish(_ call: Call) async throws -> Answer {
        let json = try body(call)
        guard let kind = VaultEvent.Kind(name: json["type"]?.string ?? "") else {
            throw ControlRefusal(
                "type: expected SecretNearExpiry, SecretExpired or "
                    + "SecretNewVersionCreated"
            )
        }
        let (vault, name) = (json["vault"]?.string ?? "", json["name"]?.string ?? "")
        let wanted = json["version"]?.string
        let subscription = json["subscription"]?.string
        let version = await standIn.read { world in
            let versions = world.vaults[vault]?.secrets[name.lowercased()]?.versions ?? []
            return wanted.map { id in versions.first { $0.id == id } } ?? versions.last
        }
        guard let version else { throw ControlRefusal("name: no such secret or version") }
        let copies = json["copies"]?.integer ?? 1
        guard (1...ControlAPI.copyLimit).contains(copies) else {
            throw ControlRefusal("copies: expected 1 to \(ControlAPI.copyLimit)")
        }
        let isOneEvent = json["sameId"]?.bool ?? false
        var ids: [JSON] = []
        for _ in 0..<copies {
            var event = VaultEvent(kind, vault: vault, name, version)
            if isOneEvent, case .string(let id)? = ids.first { event.id = id }
            ids.append(.string(event.id))
            await standIn.perform(.publish(event, to: subscription))
        }
        return Answer(202, ["events": .array(ids)])
    }
}
