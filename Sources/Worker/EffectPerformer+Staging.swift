import Foundation
import RekeyCore
import RekeyPorts

extension EffectPerformer {
    /// The candidate on its way into and out of the staging vault.
    func stage(_ effect: Effect, _ rotation: Rotation) async throws(StepFailure) -> Observation {
        let staging = rotation.plan.staging
        let vault = try adapters.vault(staging.vault)
        switch effect {
        case .stageGenerated:
            var random = SystemRandomNumberGenerator()
            let value = Generator.makeSecret(rotation.plan.policy.generator, using: &random)
            return .staged(try await vault.write(entry(value, rotation), as: staging.name))
        case .stageIssued:
            guard let value = try await issuedValue(rotation) else {
                pouch.drop(rotation.id)
                return .valueLost
            }
            let version = try await vault.write(entry(value, rotation), as: staging.name)
            pouch.drop(rotation.id)
            return .staged(version)
        case .disableStaged:
            let staged = rotation.candidate.staged.map { [$0] } ?? []
            for version in rotation.candidate.discarded + staged {
                try await vault.disable(version, of: staging.name)
            }
            return .stagedDisabled
        default:
            let latest = try await vault.latest(staging.name)
            let key = rotation.naturalKey(of: .stageGenerated).text
            guard let latest, latest.isEnabled, latest.tags[RekeyTag.write] == key else {
                return .notStaged
            }
            pouch.drop(rotation.id)
            return .staged(latest.id)
        }
    }

    private func issuedValue(_ rotation: Rotation) async throws(StepFailure) -> Secret? {
        guard rotation.plan.strategy == .dualKey, let slot = rotation.candidate.issued else {
            return pouch.value(of: rotation.candidate.issued, for: rotation.id)
        }
        return try await regenerating(adapters.target(rotation.plan.target)).value(of: slot)
    }

    private func entry(_ value: Secret, _ rotation: Rotation) -> VaultEntry {
        let policy = rotation.plan.policy
        // The staged version outlives every gate of its rotation.
        let gates =
            policy.verifyDeadlineSeconds + policy.approvalDeadlineSeconds
            + max(policy.hookDeadlineSeconds, policy.longestHookSeconds(of: rotation.plan.hooks))
            + policy.graceSeconds
        return VaultEntry(
            value: value,
            expires: clock.now + max(policy.lifetimeSeconds, gates),
            tags: [
                RekeyTag.owner: installation.text,
                RekeyTag.sequence: String(rotation.plan.sequence),
                RekeyTag.write: rotation.naturalKey(of: .stageGenerated).text,
                RekeyTag.staged: "1",
            ]
        )
    }
}
