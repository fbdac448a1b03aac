import CrashLab
import InMemoryTarget
import RekeyCore
import RekeyPorts

/// Looks at one secret from outside, and says where the invariant of the saga is broken: nobody
/// is locked out, and nothing that is accepted is lost.
struct SecretLedger {
    private let secret: SimulatedSecret
    private let seen: SimulatedSecret.State
    private var definition: CredentialDefinition { secret.definition }

    init(_ secret: SimulatedSecret) {
        self.secret = secret
        seen = secret.seen
    }

    /// What is wrong at this instant.
    var violations: [String] {
        guard let target = secret.target else { return lockedOutCallers }
        return unreadable(target) + lockedOut(target) + unnamed(target)
    }

    private func latest(_ place: SecretReference) -> SimulatedSecret.Version? {
        seen.versions[place]?.last
    }

    /// Whoever starts now reads the latest version, unless a person has broken it.
    private func unreadable(_ target: InMemoryTarget) -> [String] {
        guard !isInGap else { return [] }
        return definition.carriers.compactMap { carrier in
            guard let latest = latest(carrier.reference) else { return "there is no version" }
            guard !latest.isForeign, latest.isEnabled else { return nil }
            let isAccepted = credential(in: latest.text).map(target.admits) ?? false
            return isAccepted ? nil : "the latest version of \(carrier.reference) is not accepted"
        }
    }

    /// `replace` declares its gap.
    private var isInGap: Bool {
        guard definition.strategy == .replace, let rotation = seen.rotation, !rotation.isOver
        else { return false }
        let gap: [Step] = [.apply, .prove, .promote, .refresh, .restore]
        return gap.contains(rotation.step)
    }

    private func lockedOut(_ target: InMemoryTarget) -> [String] {
        guard !isInGap else { return [] }
        return definition.workloads.compactMap { workload in
            let held = texts(heldBy: workload.name).compactMap { credential(in: $0) }
            return held.contains(where: target.admits) ? nil : "\(workload.name) is locked out"
        }
    }

    /// Without a target: the caller's value is among those that the verifier holds.
    private var lockedOutCallers: [String] {
        let gate = definition.workloads[0].name
        let client = definition.workloads[1].name
        let known = texts(heldBy: gate).first?.split(separator: ",").map(String.init) ?? []
        let sent = texts(heldBy: client).last ?? ""
        return known.contains(sent) ? [] : ["\(client) is locked out"]
    }

    /// Everything that is accepted is current, staged, a debt, named by what is open, or a spare.
    private func unnamed(_ target: InMemoryTarget) -> [String] {
        let carriers = definition.carriers.map(\.reference)
        let current = carriers.flatMap { currentTexts($0) }
        let staged = (seen.versions[definition.staging] ?? []).filter(\.isEnabled).map(\.text)
        let spares = target.spares
        return target.accepted.compactMap { accepted in
            guard let account = accepted.account else { return "an account without a name" }
            let value = accepted.secret.text
            let isKnown =
                current.contains { $0.contains(value) } || staged.contains(value)
                || spares.contains(account) || isSpare(value) || seen.debts.contains(account)
                || isReturning(value, of: account)
                || seen.rotation?.names(account, of: target) == true
            return isKnown ? nil : "\(account) is accepted, and nobody knows of it"
        }
    }

    /// The latest value; where a person wrote it, also the last that Rekey did, since whoever
    /// overwrites a value has lost it and not Rekey.
    private func currentTexts(_ place: SecretReference) -> [String] {
        let versions = seen.versions[place] ?? []
        guard let latest = versions.last else { return [] }
        guard latest.isForeign || !latest.isEnabled else { return [latest.text] }
        let own = versions.last { !$0.isForeign && $0.isEnabled }
        return [latest.text] + (own.map { [$0.text] } ?? [])
    }

    /// Whether it is a key that the provider keeps, and that nobody has.
    private func isSpare(_ value: String) -> Bool {
        guard definition.strategy == .dualKey else { return false }
        return !seen.versions.values.contains { $0.contains { $0.text.contains(value) } }
    }

    /// Whether a rotation that goes back is about to make this value current again, or would be if
    /// no person had overwritten it in the vault.
    private func isReturning(_ value: String, of account: AccountID) -> Bool {
        guard let rotation = seen.rotation, !rotation.isOver, rotation.isGoingBack else {
            return false
        }
        if rotation.plan.previousAccount == account { return true }
        return rotation.plan.carriers.contains { planned in
            seen.versions[planned.reference]?.contains {
                $0.id == planned.base && $0.text.contains(value)
            } == true
        }
    }

    private func texts(heldBy workload: WorkloadName) -> [String] {
        (seen.held[workload] ?? []).compactMap { held in
            let place = SecretReference(vault: held.vault, name: held.name)
            return seen.versions[place]?.first { $0.id == held.version }?.text
        }
    }

    /// The credential in a carrier's document.
    private func credential(in document: String) -> Credential? {
        let secret = Secret(copying: Array(document.utf8))
        let format = definition.carriers[0].format
        guard let found = try? format.credential(in: secret) else { return nil }
        return Credential(account: found.account, secret: found.secret)
    }
}
