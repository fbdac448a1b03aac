import InMemoryHook
import InMemoryJournal
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
            carriers: await world.vault.listing(digest: \.text),
            staged: await world.stagingVault.listing(digest: \.text),
            rotation: try await world.journal.rotations(RotationQuery(limit: 1)).first,
            debts: try await world.journal.debts(unpaidOnly: true)
        )
    }

    /// What is wrong at this instant, in the midst of a rotation or after it.
    ///
    /// Parts of the worker that run side by side may change something while this looks; then it
    /// looks again, until it has seen everything at one instant.
    func violations() async throws -> [String] {
        var before = try await stamp()
        while true {
            let seen = try await snapshot()
            // Before the second stamp: workloads are asked as they are, not as they were.
            let wrong =
                world.target.map { lockedOut(seen, $0) + unnamed(seen, $0) }
                ?? lockedOutCallers(seen)
            let after = try await stamp()
            if before == after { return wrong }
            before = after
        }
    }

    /// Counts every change outside and in the journal.
    private func stamp() async throws -> [Int] {
        let rotation = try await world.journal.rotations(RotationQuery(limit: 1)).first
        return [
            rotation?.number ?? 0, world.target?.changes.count ?? 0, world.hook.orders.count,
            world.workloads.values.reduce(0) { $0 + $1.refreshes },
            await world.vault.changes.count, await world.stagingVault.changes.count,
        ]
    }

    /// Every workload holds a credential that the target accepts.
    ///
    /// `replace` declares its gap.
    private func lockedOut(_ seen: Snapshot, _ target: InMemoryTarget) -> [String] {
        world.workloads.sorted { $0.key < $1.key }.compactMap { name, workload in
            let credentials = held(by: workload, seen).compactMap { credential(in: $0) }
            if credentials.contains(where: target.admits) { return nil }
            let step = seen.rotation?.isOver == false ? seen.rotation?.step : nil
            let gap: [Step] = [.apply, .prove, .promote, .refresh, .restore]
            if world.strategy == .replace, let step, gap.contains(step) { return nil }
            return "\(name) is locked out"
        }
    }

    /// Without a target: the caller's value is among those that the verifier holds.
    private func lockedOutCallers(_ seen: Snapshot) -> [String] {
        guard let gate = world.workloads["gate"], let client = world.workloads["client"] else {
            return ["there is no gate"]
        }
        let known = held(by: gate, seen).first?.split(separator: ",").map(String.init) ?? []
        let sent = held(by: client, seen).last ?? ""
        return known.contains(sent) ? [] : ["client is locked out"]
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
                || names(account, seen.rotation, target)
            return isKnown ? nil : "\(account) is accepted, and nobody knows of it"
        }
    }

    /// Whether it is a key that the provider keeps, and that nobody has.
    ///
    /// Rekey looks at the value of one before it has it made anew, and keeps nothing of that.
    private func isSpare(_ value: String, _ seen: Snapshot) -> Bool {
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

    /// Whether the open intent names an account, by its id or by the label that it was given.
    private func names(
        _ account: AccountID,
        _ rotation: Rotation?,
        _ target: InMemoryTarget
    ) -> Bool {
        guard let rotation, !rotation.isOver else { return false }
        // What the target made is named from its own commit on, also while a write is retried.
        let made = rotation.candidate
        if made.issued == account || made.orphans.contains(account) { return true }
        guard let intent = rotation.intent else { return false }
        switch intent.effect {
        case .issue:
            let key = rotation.naturalKey(of: .issue)
            return target.changes.contains {
                $0.kind == .issued && $0.account == account && $0.key == key
            }
        case .withdraw(let named), .retire(let named), .regenerate(let named):
            return named == account
        case .install, .reinstall:
            return account == rotation.candidate.account || account == rotation.plan.previousAccount
        default: return false  // The others change nothing that a target accepts.
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
