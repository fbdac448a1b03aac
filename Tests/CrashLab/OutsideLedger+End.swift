import CrashSupport
import InMemoryBroker
import InMemoryHook
import InMemoryTarget
import InMemoryVault
import RekeyCore
import RekeyPorts
import RekeyWorker

// What has to hold once a rotation is over, and nothing is left to do.
extension OutsideLedger {
    ///
    /// `faults` are those that happened.
    func violationsAtEnd(after faults: [SeamFault]) async throws -> [String] {
        let rotations = try await world.journal.reader.rotations(RotationQuery())
        guard rotations.count == 1, let rotation = rotations.first else {
            return ["there are \(rotations.count) rotations"]
        }
        let seen = try await snapshot()
        var wrong = try await violations()
        // What no attempt can mend is a reason to go back, or for a person to decide.
        let mayTurn = faults.contains { $0.kind == .permanent }
        if rotation.end == nil || (rotation.end != world.scenario.end && !mayTurn) {
            let why = rotation.stuckReason ?? rotation.gaveUpReason ?? "\(rotation.step)"
            wrong.append("it ended as \(rotation.end?.rawValue ?? "open"): \(why)")
        }
        if !seen.debts.isEmpty { wrong.append("\(seen.debts.count) debts are unpaid") }
        // A version that lands late in the staging vault, which only Rekey reads, is never read.
        let staged = seen.staged.filter { $0.isEnabled && !isStray($0, rotation, faults) }
        if !staged.isEmpty { wrong.append("a staged version is enabled") }
        wrong += wrongCarriers(seen, rotation)
        if let target = world.target { wrong += wrongAccounts(seen, rotation, target) }
        wrong += try await wrongEvents(rotation, faults)
        wrong += wrongHooks(seen, rotation, faults)
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
            let recorded = seen.carriers.first { $0.name == name && $0.version == progress.latest }
            // A write that lands late carries the key and the value of the one that is recorded.
            if latest.version != progress.latest,
                latest.tags[RekeyTag.write] != recorded?.tags[RekeyTag.write]
            {
                return "\(name) is not as recorded"
            }
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
            !spares.contains { $0 == accepted.account } && !isSpare(accepted.secret.text, seen)
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
    private func wrongEvents(
        _ rotation: Rotation,
        _ faults: [SeamFault]
    ) async throws -> [String] {
        var wrong: [String] = []
        let history = try await world.journal.reader.history(of: rotation.id).map(\.event)
        let completions = history.filter {
            if case .finished(.complete, _) = $0 { true } else { false }
        }
        let isClosed = rotation.end == .closed
        if isClosed ? completions.count != 1 : completions.count > 1 {
            wrong.append("it completed \(completions.count) times")
        }
        let replayed = Rotation(rotation.id, replaying: history)
        if replayed != rotation { wrong.append("its history replays to another state") }
        let heard = await world.heard()
        for type in [EventType.rotationCompleted, .rotationClosed, .rotationRolledBack] {
            let ids = Set(heard.filter { $0.type == type }.map(\.id))
            // One that completed can still go back, where a late failure lets it.
            let expected =
                switch type {
                case .rotationCompleted: completions.count
                case .rotationClosed: isClosed ? 1 : 0
                default: rotation.end == .rolledBack ? 1 : 0
                }
            if ids.count != expected { wrong.append("\(type.name) was told \(ids.count) times") }
        }
        wrong += untold(history, rotation.id, heard) + contradicted(heard, faults)
        return wrong
    }

    /// Every fact of the history was told.
    private func untold(
        _ history: [RotationEvent],
        _ id: RotationID,
        _ heard: [CloudEvent]
    ) -> [String] {
        let told = Set(heard.map(\.id.text))
        guard let first = history.first, var after = Rotation(id, startingWith: first) else {
            return ["there is no history"]
        }
        var facts = after.facts(after: first, from: nil).map { (after.number, $0) }
        for event in history.dropFirst() {
            let before = after
            after.fold(event)
            facts += after.facts(after: event, from: before).map { (after.number, $0) }
        }
        return facts.compactMap { number, type in
            let event = UUIDv5.text(in: id.text, [String(number), type.name])
            return told.contains(event) ? nil : "\(type.name) was never told"
        }
    }

    /// A request is granted or not, and nobody hears both.
    ///
    /// A commit that fails and has happened is made again here, after which a real journal would
    /// refuse everything until its process starts anew.
    private func contradicted(_ heard: [CloudEvent], _ faults: [SeamFault]) -> [String] {
        guard !faults.contains(where: { $0.kind == .unknown && $0.point.name == "journal.commit" })
        else { return [] }
        let refusals: [EventType] = [.rotationDeclined, .rotationDeferred]
        let granted = Set(heard.filter { $0.type == .rotationAccepted }.map(\.causationID))
        let refused = heard.filter {
            refusals.contains($0.type) && granted.contains($0.causationID)
        }
        return Set(refused.map(\.id)).map { "a request was granted, and refused by \($0)" }
    }

    /// Whether a version landed after the staging step had done without it.
    private func isStray(
        _ version: VaultListing,
        _ rotation: Rotation,
        _ faults: [SeamFault]
    ) -> Bool {
        faults.contains { $0.isLate && $0.point.name.hasPrefix("vault.staging") }
            && version.version != rotation.candidate.staged
    }

    private func wrongHooks(
        _ seen: Snapshot,
        _ rotation: Rotation,
        _ faults: [SeamFault]
    ) -> [String] {
        let orders = world.hook.orders
        var wrong: [String] = []
        if Set(orders.map(\.key)).count != orders.count { wrong.append("a hook ran twice") }
        guard rotation.end == .closed else { return wrong }
        // What no attempt can mend is told and left to a person, for whom no deadline waits.
        let hasFailed = rotation.hooks.contains { hook in
            if case .failed = hook.state { true } else { false }
        }
        if hasFailed, faults.contains(where: { $0.kind == .permanent }) { return wrong }
        let current = seen.carriers.last { $0.isLatest }?.digest ?? ""
        let handed = orders.last?.value?.text ?? "nothing"
        if orders.count != 1 || !current.contains(handed) {
            wrong.append("the hook was not handed the current value")
        }
        return wrong
    }
}
