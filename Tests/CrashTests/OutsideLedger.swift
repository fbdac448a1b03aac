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
    func violations() async throws -> [String] {
        let seen = try await snapshot()
        guard let target = world.target else { return lockedOutCallers(seen) }
        return lockedOut(seen, target) + unnamed(seen, target)
    }

    /// Every workload holds a credential that the target accepts. `replace` declares its gap.
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
                isCurrent || staged.contains(value) || spares.contains(account)
                || seen.debts.contains { $0.account == account }
                || names(account, seen.rotation, target)
            return isKnown ? nil : "\(account) is accepted, and nobody knows of it"
        }
    }

    /// Whether the open intent names an account, by its id or by the label that it was given.
    private func names(
        _ account: AccountID,
        _ rotation: Rotation?,
        _ target: InMemoryTarget
    ) -> Bool {
        guard let rotation, !rotation.isOver, let intent = rotation.intent else { return false }
        switch intent.effect {
        case .issue:
            let key = rotation.naturalKey(of: .issue)
            return target.changes.contains {
                $0.kind == .issued && $0.account == account && $0.key == key
            }
        case .stageIssued:
            return rotation.candidate.issued == account
        case .withdraw(let named), .retire(let named), .regenerate(let named):
            return named == account || rotation.candidate.orphans.contains(account)
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
