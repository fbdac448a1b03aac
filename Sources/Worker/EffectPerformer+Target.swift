import Foundation
import RekeyCore
import RekeyPorts

extension EffectPerformer {
    /// A value that Rekey chose, on its way into the target.
    func install(
        _ effect: Effect,
        _ rotation: Rotation,
        _ fence: Fence
    ) async throws(StepFailure) -> Observation {
        let target = try adapters.target(rotation.plan.target)
        switch effect {
        case .install:
            try await installing(target).install(try await credential(rotation), fence: fence)
            return .installed
        case .reinstall:
            guard let previous = try await previous(of: rotation) else {
                throw StepFailure(.permanent, "there is no previous value to restore")
            }
            try await installing(target).install(previous, fence: fence)
            return .previousReinstalled
        case .probeInstalled:
            let isLive = try await target.accepts(try await credential(rotation))
            guard rotation.isGoingBack, let previous = try await previous(of: rotation) else {
                return .probed(candidate: isLive, previous: !isLive)
            }
            let isPreviousLive = try await target.accepts(previous)
            return .probed(candidate: isLive, previous: isPreviousLive)
        default:
            let like = rotation.plan.previousAccount
            try await target.prove(try await credential(rotation), like: like)
            return .proved
        }
    }

    private func credential(_ rotation: Rotation) async throws(StepFailure) -> Credential {
        let account = rotation.candidate.account ?? rotation.plan.previousAccount
        return Credential(account: account, secret: try await candidate(of: rotation))
    }

    private func installing(_ target: any Target) throws(StepFailure) -> any InstallingTarget {
        guard let target = target as? any InstallingTarget else {
            throw StepFailure(.permanent, "the target takes no value that Rekey chose")
        }
        return target
    }

    private func issuing(_ target: any Target) throws(StepFailure) -> any IssuingTarget {
        guard let target = target as? any IssuingTarget else {
            throw StepFailure(.permanent, "the target issues no values")
        }
        return target
    }

    func regenerating(_ target: any Target) throws(StepFailure) -> any RegeneratingTarget {
        guard let target = target as? any RegeneratingTarget else {
            throw StepFailure(.permanent, "the target keeps no two keys")
        }
        return target
    }

    /// A value that the target makes.
    func issue(
        _ effect: Effect,
        _ rotation: Rotation,
        _ fence: Fence
    ) async throws(StepFailure) -> Observation {
        let target = try adapters.target(rotation.plan.target)
        let key = rotation.naturalKey(of: .issue)
        switch effect {
        case .issue:
            let expires = clock.now + rotation.plan.policy.lifetimeSeconds
            let issued = try await issuing(target).issue(key, expires: expires)
            pouch.keep(issued.secret, of: issued.account, for: rotation.id)
            return .issued(issued.account)
        case .inspectIssued:
            return .issuedFound(try await issuing(target).issued(key))
        case .withdraw(let account):
            try await target.retire(account, fence: fence)
            pouch.drop(rotation.id)
            return .withdrawn(account)
        case .regenerate(let slot):
            let regenerating = try regenerating(target)
            try await refuseKeyInUse(slot, regenerating, rotation)
            let slotKey = rotation.naturalKey(of: .regenerate(slot))
            try await regenerating.regenerate(slot, key: slotKey)
            return .issued(slot)
        default:
            return try await keys(regenerating(target), rotation)
        }
    }

    /// Before any regenerate, the key to be regenerated is compared with every carrier's latest.
    private func refuseKeyInUse(
        _ slot: AccountID,
        _ target: any RegeneratingTarget,
        _ rotation: Rotation
    ) async throws(StepFailure) {
        let value = try await target.value(of: slot)
        for carrier in rotation.plan.carriers {
            let vault = try adapters.vault(carrier.reference.vault)
            guard let latest = try await vault.latest(carrier.reference.name) else { continue }
            guard let document = latest.value else {
                let what = "the latest version of \(carrier.reference) is disabled"
                throw StepFailure(.permanent, "\(what): it cannot be compared with key \(slot)")
            }
            let (_, secret) = try carrier.format.read(document, from: carrier.reference)
            if secret == value {
                throw StepFailure(.permanent, "\(carrier.reference) holds the key \(slot)")
            }
        }
    }

    private func keys(
        _ target: any RegeneratingTarget,
        _ rotation: Rotation
    ) async throws(StepFailure) -> Observation {
        let previous = try await previous(of: rotation)
        let state = try await target.inspect(current: previous)
        guard let current = rotation.plan.previousAccount ?? state.current,
            let idle = rotation.candidate.account
                ?? state.accepted.map(\.account).first(where: { $0 != current })
        else { throw StepFailure(.permanent, "which key is in use cannot be told") }
        // A key's own date tells whether it changed since the intent was written.
        let changed = state.accepted.first { $0.account == idle }?.created
        let openedAt = rotation.intent?.openedAt ?? .distantFuture
        let isNew = changed.map { $0 >= openedAt } ?? false
        return .keys(current: current, idle: idle, idleChanged: isNew)
    }

    /// Everything about the end of the old credential.
    func end(
        _ effect: Effect,
        _ rotation: Rotation,
        _ fence: Fence
    ) async throws(StepFailure) -> Observation {
        let target = try adapters.target(rotation.plan.target)
        switch effect {
        case .retire(let account):
            if rotation.plan.strategy == .dualKey {
                // Ending a key is one more regeneration.
                try await refuseKeyInUse(account, try regenerating(target), rotation)
            }
            try await target.retire(account, fence: fence)
            return .retired(account)
        case .revoke(let account):
            // The deadline decides, whoever still holds it.
            try await target.retire(account, fence: fence)
            return .revoked(account)
        case .inspectRevoked:
            let accepted = try await target.inspect(current: nil).accepted
            guard case .revoke(let account) = rotation.revocation?.intent?.effect else {
                throw StepFailure(.permanent, "nothing was to be revoked")
            }
            return .revokedLooked(isAccepted: accepted.contains { $0.account == account })
        case .observeSilence:
            guard let old = rotation.plan.previousAccount else { return .silence(.unobservable) }
            return .silence(try await target.silence(of: old))
        case .inspectRetired:
            let accepted = try await target.inspect(current: nil).accepted
            guard case .retire(let account) = rotation.intent?.effect else {
                throw StepFailure(.permanent, "nothing was to be retired")
            }
            return .retiredLooked(isAccepted: accepted.contains { $0.account == account })
        default:
            let accepted = try await target.inspect(current: nil).accepted
            let strays = accepted.filter {
                $0.account != rotation.candidate.account
                    && $0.label?.contains(rotation.id.text) == true
            }
            return .closingListed(strays: strays.map(\.account))
        }
    }
}
