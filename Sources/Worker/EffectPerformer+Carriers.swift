import Foundation
import RekeyCore
import RekeyPorts

extension EffectPerformer {
    /// The credential on its way into its carriers.
    func carry(_ effect: Effect, _ rotation: Rotation) async throws(StepFailure) -> Observation {
        switch effect {
        case .readCarrier(let index): return try await read(index, rotation)
        case .writeCarrier(let index): return try await write(index, rotation)
        default: return try await checkCarriers(rotation)
        }
    }

    private func checkCarriers(_ rotation: Rotation) async throws(StepFailure) -> Observation {
        let references = rotation.plan.carriers.map(\.reference) + [rotation.plan.staging]
        for reference in references {
            let findings = try await adapters.vault(reference.vault).preflight(reference.name)
            if let problem = findings.first(where: { $0.severity == .problem }) {
                throw StepFailure(.permanent, "\(problem.subject): \(problem.text)")
            }
        }
        return .carriersWritable
    }

    private func read(_ index: Int, _ rotation: Rotation) async throws(StepFailure) -> Observation {
        let reference = rotation.plan.carriers[index].reference
        let latest = try await adapters.vault(reference.vault).latest(reference.name)
        let key = rotation.naturalKey(of: .writeCarrier(index)).text
        let isOurs = latest?.tags[RekeyTag.write] == key
        // Whoever disabled it answers readers 403: to revoke the other credential, too, or to call
        // it delivered, would leave them nothing.
        if isOurs, latest?.isEnabled == false {
            let what = "the latest version of \(reference), which Rekey wrote, is disabled"
            throw StepFailure(.permanent, "\(what): enable it, or roll back")
        }
        // A write of an earlier pass that landed late holds what the recorded one does.
        if let tag = latest?.tags[RekeyTag.write], rotation.isEarlierWrite(tag, of: index) {
            return .carrierRead(index, latest: rotation.carriers[index].latest, isOurs: false)
        }
        return .carrierRead(index, latest: latest?.id, isOurs: isOurs)
    }

    private func write(
        _ index: Int,
        _ rotation: Rotation
    ) async throws(StepFailure) -> Observation {
        let carrier = rotation.plan.carriers[index]
        let vault = try adapters.vault(carrier.reference.vault)
        var base: VaultVersion?
        if let id = rotation.carriers[index].latest {
            base = try await vault.version(id, of: carrier.reference.name)
        }
        let value = try await document(carrier, base?.value, rotation)
        let isPrevious = rotation.currentPass.content == .previous
        var tags = (base?.tags ?? [:]).filter { !$0.key.hasPrefix("rekey-") }
        tags[RekeyTag.owner] = installation.text
        tags[RekeyTag.sequence] = String(rotation.plan.sequence)
        tags[RekeyTag.write] = rotation.naturalKey(of: .writeCarrier(index)).text
        let plan = rotation.plan
        tags[RekeyTag.account] =
            (isPrevious ? plan.previousAccount : rotation.candidate.account)?.text
        let entry = VaultEntry(
            value: value,
            // A version that restores keeps the old end, so that it does not loop.
            expires: isPrevious ? plan.previousEnd : end(of: rotation),
            contentType: base?.contentType,
            tags: tags
        )
        return .carrierWritten(index, try await vault.write(entry, as: carrier.reference.name))
    }

    /// When the candidate has to be replaced, at the latest.
    ///
    /// One that the target made ends there a lifetime after it was asked for, however much later
    /// it is promoted: after the acceptance, and at most a call's time before the answer.
    private func end(of rotation: Rotation) -> Date {
        let policy = rotation.plan.policy
        guard rotation.plan.strategy == .addThenRemove, let made = rotation.times.appliedAt else {
            return clock.now + policy.lifetimeSeconds
        }
        let asked = max(rotation.times.acceptedAt, made - policy.callDeadlineSeconds)
        return asked + policy.lifetimeSeconds
    }

    /// The carrier's own latest document with the credential's field changed, and nothing else.
    private func document(
        _ carrier: PlannedCarrier,
        _ base: Secret?,
        _ rotation: Rotation
    ) async throws(StepFailure) -> Secret {
        let credential = try await content(rotation)
        guard let base else {
            guard carrier.format == .bare else {
                throw StepFailure(.permanent, "\(carrier.reference): there is no document to merge")
            }
            return credential.secret
        }
        do {
            if rotation.currentPass.content == .both {
                let current = try carrier.format.credential(in: base).secret
                return try carrier.format.replacing(
                    in: base,
                    secrets: [credential.secret, current]
                )
            }
            return try carrier.format.replacing(
                in: base,
                account: credential.account,
                secret: credential.secret
            )
        } catch {
            throw StepFailure(.permanent, "\(carrier.reference): \(error)")
        }
    }

    private func content(_ rotation: Rotation) async throws(StepFailure) -> Credential {
        if rotation.currentPass.content == .previous {
            guard let previous = try await previous(of: rotation) else {
                throw StepFailure(.permanent, "there is no previous value to restore")
            }
            try await checkAccepted(previous, rotation)
            return previous
        }
        // Only where accounts change hands does the document's account change with the secret.
        let account = rotation.plan.strategy == .alternate ? rotation.candidate.account : nil
        return Credential(account: account, secret: try await candidate(of: rotation))
    }

    /// Throws where nobody could sign in with the value that a rotation goes back to.
    ///
    /// Somebody may have put a wrong one into the vault before the rotation, or have revoked it
    /// since; what the carriers hold is accepted. Where the target takes one value only it was made
    /// to take this one. Past a compromise's deadline it is refused on purpose, and another
    /// rotation follows once this one is back.
    private func checkAccepted(
        _ previous: Credential,
        _ rotation: Rotation
    ) async throws(StepFailure) {
        guard rotation.plan.strategy.overlaps, rotation.plan.target != nil,
            !rotation.isPastRevokeBy
        else { return }
        let target = try adapters.target(rotation.plan.target)
        // A directory's replicas differ at times; where people chose a value, each refused sign-in
        // may count against the account.
        let looks = rotation.plan.strategy.targetMakesValue ? Self.looksAtMadeValue : 1
        for _ in 0..<looks where try await target.accepts(previous) { return }
        throw StepFailure(
            .permanent,
            "the target does not accept the previous value, so nothing goes back to it: `abandon` "
                + "leaves the carriers as they are"
        )
    }

    private static let looksAtMadeValue = 3
}
