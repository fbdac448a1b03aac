import InMemoryTarget
import InMemoryVault
import RekeyCore
import RekeyPorts

/// Looks at a credential's outside systems, and says where the invariant is broken: nobody is
/// locked out, and nothing that is accepted is lost.
struct OutsideLook: Sendable {
    let systems: OutsideSystems
    let journal: any JournalReader

    /// What is wrong at this instant; the rotation waits meanwhile.
    func violations() async throws -> [String] {
        let credential = systems.credential
        let latest = try await systems.vault.latest(credential.carrier)
        guard let current = try credentials(in: latest).first else {
            return ["\(credential.id): the carrier has no enabled latest version"]
        }
        var wrong: [String] = []
        if !systems.target.admits(current) {
            wrong.append("\(credential.id): the latest version is not accepted")
        }
        if try await !workloadSignsIn() { wrong.append("\(credential.id): it is locked out") }
        let staged = try await systems.staging.latest(credential.staged)
        let debts = try await journal.debts(unpaidOnly: true)
        let rotation = try await rotation()
        for accepted in systems.target.accepted where accepted.secret != current.secret {
            guard let account = accepted.account else {
                wrong.append("\(credential.id): an account without a name")
                continue
            }
            let isKnown =
                staged?.value == accepted.secret || debts.contains { $0.account == account }
                || names(account, rotation)
            if !isKnown { wrong.append("\(account) is accepted, and nobody knows of it") }
        }
        return wrong
    }

    /// What is wrong after a rotation: `before` is what had been done until it began.
    func violationsAtEnd(since before: OutsideSystems.Deeds) async throws -> [String] {
        var wrong = try await violations()
        let id = systems.credential.id
        let rotation = try await rotation()
        let end = rotation?.end?.rawValue ?? "open"
        if rotation?.end != .closed {
            let why = rotation?.stuckReason ?? rotation?.gaveUpReason ?? ""
            wrong.append("\(id): it ended as \(end): \(why)")
        }
        let done = await systems.deeds - before
        if done != .ofOneRotation { wrong.append("\(id): \(done)") }
        if systems.target.accepted.count != 1 {
            wrong.append("\(id): \(systems.target.accepted.count) are accepted at the end")
        }
        if try await systems.staging.latest(systems.credential.staged)?.isEnabled != false {
            wrong.append("\(id): the staged version is enabled")
        }
        let held = systems.workload.held.first?.version
        if try await systems.vault.latest(systems.credential.carrier)?.id != held {
            wrong.append("\(id): the workload holds an old version")
        }
        return wrong
    }

    /// The newest rotation of this credential.
    func rotation() async throws -> Rotation? {
        let query = RotationQuery(credential: systems.credential.id, limit: 1)
        return try await journal.rotations(query).first
    }

    private func workloadSignsIn() async throws -> Bool {
        for held in systems.workload.held {
            let version = try await systems.vault.version(held.version, of: held.name)
            if try credentials(in: version).contains(where: systems.target.admits) { return true }
        }
        return false
    }

    private func credentials(in version: VaultVersion?) throws -> [Credential] {
        guard let version, version.isEnabled, let value = version.value else { return [] }
        let found = try TroubleCredential.format.credential(in: value)
        return [Credential(account: found.account, secret: found.secret)]
    }

    /// Whether an open rotation is about to make it accepted, or to end it.
    private func names(_ account: AccountID, _ rotation: Rotation?) -> Bool {
        guard let rotation, !rotation.isOver else { return false }
        return account == rotation.candidate.account || account == rotation.plan.previousAccount
    }
}
