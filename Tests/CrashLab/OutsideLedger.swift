import CrashSupport
import InMemoryBroker
import InMemoryHook
import InMemoryTarget
import InMemoryVault
import RekeyCore
import RekeyPorts

/// Looks at a `SweepWorld` from outside, and says where the invariant of the saga is broken:
/// nobody is locked out, and nothing that is accepted is lost.
struct OutsideLedger: Sendable {
    let world: SweepWorld

    /// A version as the vaults have it, with its value.
    struct Snapshot: Sendable {
        var carriers: [VaultListing]
        var staged: [VaultListing]
        var rotation: Rotation?
        var debts: [Debt]
    }

    func snapshot() async throws -> Snapshot {
        Snapshot(
            carriers: world.vault.listing,
            staged: world.stagingVault.listing,
            rotation: try await world.journal.reader.rotations(RotationQuery(limit: 1)).first,
            debts: try await world.journal.reader.debts(unpaidOnly: true)
        )
    }

    /// What is wrong at this instant, in the midst of a rotation or after it.
    ///
    /// Nothing else goes on in the world while this looks.
    func violations() async throws -> [String] {
        let seen = try await snapshot()
        var wrong = unreadable(seen) + (try await ghosts()) + repeated(seen)
        if let target = world.target {
            wrong += lockedOut(seen, target) + unnamed(seen, target)
        } else {
            wrong += lockedOutCallers(seen)
        }
        return wrong
    }

    /// Whoever starts now reads the latest version: it has to be enabled and accepted.
    private func unreadable(_ seen: Snapshot) -> [String] {
        world.definition.carriers.compactMap { carrier in
            let name = carrier.reference.name
            guard let latest = seen.carriers.first(where: { $0.name == name && $0.isLatest }),
                latest.isEnabled
            else { return "\(name) has no enabled latest version" }
            guard let target = world.target, !isInGap(seen) else { return nil }
            let isAccepted = credential(in: latest.digest).map(target.admits) ?? false
            return isAccepted ? nil : "the latest version of \(name) is not accepted"
        }
    }

    /// `replace` declares its gap, and a compromise its deadline.
    private func isInGap(_ seen: Snapshot) -> Bool {
        guard let rotation = seen.rotation, !rotation.isOver else { return false }
        if rotation.isPastRevokeBy { return true }
        let gap: [Step] = [.apply, .prove, .promote, .refresh, .restore]
        return world.strategy == .replace && gap.contains(rotation.step)
    }

    /// Nobody heard of anything that the journal does not hold, or in other words than it holds.
    private func ghosts() async throws -> [String] {
        let bodies = world.record.bodies
        let begun = try await world.journal.reader.rotations(RotationQuery()).map(\.id.text)
        return try await world.outsider.list(SweepWorld.witness, limit: 10_000).compactMap {
            let id = $0.properties.messageID ?? ""
            let isBegun = $0.properties.correlationID.map { begun.contains($0) } ?? true
            guard isBegun, let body = bodies[EventID(id)] else {
                return "\($0.properties.type ?? id) was told, and is not in the journal"
            }
            return body == $0.body ? nil : "\($0.properties.type ?? id) was told in two ways"
        }
    }

    /// What carries one natural key is one value.
    private func repeated(_ seen: Snapshot) -> [String] {
        var values: [String: String] = [:]
        var wrong: [String] = []
        for version in seen.carriers {
            guard let key = version.tags[RekeyTag.write] else { continue }
            let place = "\(version.name) \(key)"
            if values[place, default: version.digest] != version.digest {
                wrong.append("\(version.name) was written twice with one key")
            }
            values[place] = version.digest
        }
        return wrong
    }

    /// Every workload holds a credential that the target accepts.
    ///
    /// `replace` declares its gap.
    private func lockedOut(_ seen: Snapshot, _ target: InMemoryTarget) -> [String] {
        world.workloads.sorted { $0.key < $1.key }.compactMap { name, workload in
            let credentials = held(by: workload, seen).compactMap { credential(in: $0) }
            if credentials.contains(where: target.admits) { return nil }
            if isInGap(seen) { return nil }
            return "\(name) is locked out"
        }
    }

    /// Without a target: a caller's value is among those that the verifier holds.
    private func lockedOutCallers(_ seen: Snapshot) -> [String] {
        guard let gate = world.workloads["gate"] else { return ["there is no gate"] }
        let known = held(by: gate, seen).first?.split(separator: ",").map(String.init) ?? []
        return world.workloads.sorted { $0.key < $1.key }.compactMap { name, caller in
            guard name != "gate", !known.contains(held(by: caller, seen).last ?? "") else {
                return nil
            }
            return "\(name) is locked out"
        }
    }

    /// Everything that is accepted is current, staged, a debt, named by an intent, or a spare.
    private func unnamed(_ seen: Snapshot, _ target: InMemoryTarget) -> [String] {
        let current = seen.carriers.filter { $0.isLatest && $0.isEnabled }
        let staged = seen.staged.filter(\.isEnabled).map(\.digest)
        let spares = target.spares
        return target.accepted.compactMap { accepted in
            guard let account = accepted.account else { return "an account without a name" }
            let value = accepted.secret.text
            let isCurrent = current.contains { $0.digest.contains(value) }
            let isKnown =
                isCurrent || isReturning(value, seen) || isSpare(value, seen)
                || staged.contains(value) || spares.contains(account)
                || seen.debts.contains { $0.account == account }
                || seen.rotation?.names(account, of: target) == true
            return isKnown ? nil : "\(account) is accepted, and nobody knows of it"
        }
    }

    /// Whether it is a key that the provider keeps, and that nobody has.
    ///
    /// Rekey looks at the value of one before it has it made anew, and keeps nothing of that.
    func isSpare(_ value: String, _ seen: Snapshot) -> Bool {
        guard world.strategy == .dualKey else { return false }
        let handed = world.hook.orders.compactMap { $0.value?.text }
        return !handed.contains(value)
            && !(seen.carriers + seen.staged).contains { $0.digest.contains(value) }
    }

    /// Whether a rotation that goes back is about to make this value current again: it is in the
    /// version that the rotation froze.
    private func isReturning(_ value: String, _ seen: Snapshot) -> Bool {
        guard let rotation = seen.rotation, !rotation.isOver, rotation.isGoingBack else {
            return false
        }
        return rotation.plan.carriers.contains { planned in
            seen.carriers.contains {
                $0.name == planned.reference.name && $0.version == planned.base
                    && $0.digest.contains(value)
            }
        }
    }

    func held(by workload: SweepWorkload, _ seen: Snapshot) -> [String] {
        workload.held.compactMap { held in
            let listed = seen.carriers.first { $0.version == held.version && $0.name == held.name }
            return listed?.digest
        }
    }

    /// The credential in a carrier's document.
    func credential(in document: String) -> Credential? {
        let format = world.definition.carriers[0].format
        let secret = Secret(copying: Array(document.utf8))
        guard let found = try? format.credential(in: secret) else { return nil }
        return Credential(account: found.account, secret: found.secret)
    }
}
