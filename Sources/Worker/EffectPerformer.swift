import Foundation
import RekeyCore
import RekeyPorts

/// Does one effect through the ports, and says what came of it.
///
/// It decides nothing.
struct EffectPerformer: Sendable {
    let adapters: Adapters
    let installation: InstallationID
    let clock: any RekeyPorts.Clock
    let pouch: Pouch

    /// The event that records what came of `effect`.
    ///
    /// Never throws: a failure is an event too.
    func perform(
        _ effect: Effect,
        for rotation: Rotation,
        under claim: Claim
    ) async -> RotationEvent {
        do {
            let observation = try await observe(effect, rotation, claim)
            return .observed(observation, at: clock.now)
        } catch {
            return .failed(effect, error, at: clock.now)
        }
    }

    private func observe(
        _ effect: Effect,
        _ rotation: Rotation,
        _ claim: Claim
    ) async throws(StepFailure) -> Observation {
        switch effect {
        case .findStaged, .stageGenerated, .stageIssued, .disableStaged:
            return try await stage(effect, rotation)
        case .checkCarriers, .readCarrier, .writeCarrier:
            return try await carry(effect, rotation)
        case .probeInstalled, .install, .reinstall, .prove, .reprove:
            return try await install(effect, rotation, fence(rotation, claim))
        case .inspectIssued, .inspectKeys, .issue, .regenerate, .withdraw:
            return try await issue(effect, rotation, fence(rotation, claim))
        case .observe(let index): return try await evidence(of: index, rotation)
        case .refresh(let index): return try await refresh(index, rotation)
        case .startHook(let index), .followHook(let index):
            return try await hook(index, effect, rotation)
        case .observeSilence, .inspectRetired, .inspectRevoked, .inspectClosing, .retire,
            .revoke:
            pouch.drop(rotation.id)
            return try await end(effect, rotation, fence(rotation, claim))
        }
    }

    private func fence(_ rotation: Rotation, _ claim: Claim) -> Fence {
        Fence(
            installation: installation,
            credential: rotation.plan.credential,
            sequence: rotation.plan.sequence,
            epoch: claim.epoch
        )
    }

    /// The candidate's value, read by the version id in the journal.
    func candidate(of rotation: Rotation) async throws(StepFailure) -> Secret {
        guard let staged = rotation.candidate.staged else {
            throw StepFailure(.permanent, "no candidate is staged")
        }
        let staging = rotation.plan.staging
        let vault = try adapters.vault(staging.vault)
        guard let value = try await vault.version(staged, of: staging.name)?.value else {
            throw StepFailure(.permanent, "staged version \(staged) of \(staging) has no value")
        }
        return value
    }

    /// The credential that the carriers named when the rotation was admitted.
    func previous(of rotation: Rotation) async throws(StepFailure) -> Credential? {
        guard let carrier = rotation.plan.carriers.first, let base = carrier.base else {
            return nil
        }
        let vault = try adapters.vault(carrier.reference.vault)
        let version = try await vault.version(base, of: carrier.reference.name)
        guard let document = version?.value else {
            throw StepFailure(.permanent, "version \(base) of \(carrier.reference) has no value")
        }
        let (account, secret) = try carrier.format.read(document, from: carrier.reference)
        return Credential(account: rotation.plan.previousAccount ?? account, secret: secret)
    }

    /// The versions that hold the credential now, safe to hand on.
    func carrierVersions(of rotation: Rotation) -> [CarrierVersion] {
        zip(rotation.plan.carriers, rotation.carriers).compactMap { planned, carrier in
            carrier.latest.map {
                CarrierVersion(
                    vault: planned.reference.vault,
                    name: planned.reference.name,
                    version: $0,
                    uri: adapters.uri(of: $0, planned.reference)
                )
            }
        }
    }
}

extension ValueFormat {
    /// Reads the credential out of a carrier's document; the failure names the carrier.
    func read(
        _ document: Secret,
        from reference: SecretReference
    ) throws(StepFailure) -> (AccountID?, Secret) {
        do {
            let found = try credential(in: document)
            return (found.account, found.secret)
        } catch {
            throw StepFailure(.permanent, "\(reference): \(error)")
        }
    }
}
