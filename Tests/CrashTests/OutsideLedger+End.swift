import InMemoryBroker
import InMemoryHook
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RekeyCore
import RekeyPorts
import RekeyWorker

// What has to hold once a rotation is over, and nothing is left to do.
extension OutsideLedger {
    func violationsAtEnd() async throws -> [String] {
        let rotations = try await world.journal.rotations(RotationQuery())
        guard rotations.count == 1, let rotation = rotations.first else {
            return ["there are \(rotations.count) rotations"]
        }
        let seen = try await snapshot()
        var wrong = try await violations()
        if rotation.end != world.scenario.end {
            let why = rotation.stuckReason ?? rotation.gaveUpReason ?? "\(rotation.step)"
            wrong.append("it ended as \(rotation.end?.rawValue ?? "open"): \(why)")
        }
        if !seen.debts.isEmpty { wrong.append("\(seen.debts.count) debts are unpaid") }
        if seen.staged.contains(where: \.isEnabled) { wrong.append("a staged version is enabled") }
        wrong += wrongCarriers(seen, rotation)
        if let target = world.target { wrong += wrongAccounts(seen, rotation, target) }
        wrong += try await wrongEvents(rotation)
        wrong += wrongHooks(seen, rotation)
        return wrong
    }

    /// Every carrier's latest version is enabled, and holds the one value that is to survive.
    private func wrongCarriers(_ seen: Snapshot, _ rotation: Rotation) -> [String] {
        let isBack = rotation.end == .rolledBack
        return zip(world.definition.carriers, rotation.carriers).compactMap { planned, progress in
            let name = planned.reference.name
            guard let latest = seen.carriers.first(where: { $0.name == name && $0.isLatest }),
                latest.isEnabled
            else { return "\(name) has no enabled latest version" }
            if latest.version != progress.latest { return "\(name) is not as recorded" }
            let isOld = latest.digest.contains(SweepWorld.oldValue)
            return isOld == isBack ? nil : "\(name) holds the wrong value"
        }
    }

    /// The target accepts the current credential, and nothing else that anybody was handed.
    private func wrongAccounts(
        _ seen: Snapshot,
        _ rotation: Rotation,
        _ target: InMemoryTarget
    ) -> [String] {
        var wrong: [String] = []
        let spares = target.spares
        let live = target.accepted.filter { accepted in
            !spares.contains { $0 == accepted.account }
        }
        if live.count != 1 { wrong.append("\(live.count) credentials are accepted at the end") }
        for latest in seen.carriers where latest.isLatest {
            guard let credential = credential(in: latest.digest), target.admits(credential) else {
                wrong.append("the value of \(latest.name) is not accepted")
                continue
            }
        }
        let keys = target.changes.filter { $0.kind == .issued }.compactMap(\.key)
        if Set(keys).count != keys.count { wrong.append("one attempt made two credentials") }
        return wrong
    }

    /// One completion and one end, however often they were published.
    private func wrongEvents(_ rotation: Rotation) async throws -> [String] {
        var wrong: [String] = []
        let history = try await world.journal.history(of: rotation.id).map(\.event)
        let completions = history.filter {
            if case .finished(.complete, _) = $0 { true } else { false }
        }
        let isClosed = rotation.end == .closed
        if completions.count != (isClosed ? 1 : 0) {
            wrong.append("it completed \(completions.count) times")
        }
        let replayed = Rotation(rotation.id, replaying: history)
        if replayed != rotation { wrong.append("its history replays to another state") }
        let heard = try await world.outsider.list(SweepWorld.witness, limit: 10_000)
        for type in [EventType.rotationCompleted, .rotationClosed, .rotationRolledBack] {
            let ids = Set(
                heard.filter { $0.properties.type == type.name }.map(\.properties.messageID)
            )
            let expected = (type == .rotationRolledBack) == isClosed ? 0 : 1
            if ids.count != expected { wrong.append("\(type.name) was told \(ids.count) times") }
        }
        return wrong
    }

    private func wrongHooks(_ seen: Snapshot, _ rotation: Rotation) -> [String] {
        let orders = world.hook.orders
        var wrong: [String] = []
        if Set(orders.map(\.key)).count != orders.count { wrong.append("a hook ran twice") }
        guard rotation.end == .closed else { return wrong }
        let current = seen.carriers.last { $0.isLatest }?.digest ?? ""
        let handed = orders.last?.value?.text ?? "nothing"
        if orders.count != 1 || !current.contains(handed) {
            wrong.append("the hook was not handed the current value")
        }
        return wrong
    }
}
