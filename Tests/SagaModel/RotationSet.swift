import RekeyCore

/// Rotations, each once, by numbers.
///
/// A hash over what mostly differs finds the few that are then compared as a whole.
struct RotationSet {
    private var rotations: [Rotation] = []
    private var buckets: [Int: [Int]] = [:]

    /// The number of `rotation`, which is a new one where it is not there yet.
    mutating func insert(_ rotation: Rotation) -> Int {
        let hash = Self.hash(of: rotation)
        if let number = buckets[hash]?.first(where: { rotations[$0] == rotation }) {
            return number
        }
        buckets[hash, default: []].append(rotations.count)
        rotations.append(rotation)
        return rotations.count - 1
    }

    private static func hash(of rotation: Rotation) -> Int {
        var hasher = Hasher()
        hasher.combine(rotation.step)
        hasher.combine(rotation.end)
        hasher.combine(rotation.pass)
        hasher.combine(rotation.failures)
        hasher.combine(rotation.lastFailure?.reason)
        hasher.combine(rotation.intent?.effect)
        hasher.combine(rotation.intent?.pass)
        hasher.combine(rotation.stuckReason)
        hasher.combine(rotation.gaveUpReason)
        hasher.combine(rotation.revocation?.passedAt)
        hasher.combine(rotation.revocation?.intent?.effect)
        hasher.combine(rotation.revocation?.ended)
        hasher.combine(rotation.revocation?.cutOff)
        hash(rotation.candidate, into: &hasher)
        hash(rotation.checks, into: &hasher)
        for debt in rotation.debts {
            hasher.combine(debt.account)
            hasher.combine(debt.isPaid)
        }
        for carrier in rotation.carriers {
            hasher.combine(carrier.latest)
            hasher.combine(carrier.pass)
            hasher.combine(carrier.isConfirmed)
        }
        for workload in rotation.workloads {
            hasher.combine(workload.refreshedPass)
            hasher.combine(workload.evidencePass)
        }
        for hook in rotation.hooks {
            hasher.combine(hook.hasEnded)
            hasher.combine(hook.hasSucceeded)
            hasher.combine(hook.startedAt)
            hasher.combine(hook.failures)
            hasher.combine(hook.intent?.effect)
        }
        return hasher.finalize()
    }

    private static func hash(_ candidate: Candidate, into hasher: inout Hasher) {
        hasher.combine(candidate.attempt)
        hasher.combine(candidate.account)
        hasher.combine(candidate.staged)
        hasher.combine(candidate.discarded)
        hasher.combine(candidate.issued)
        hasher.combine(candidate.orphans)
        hasher.combine(candidate.isRefused)
        hasher.combine(candidate.mayBeLive)
        hasher.combine(candidate.isApplied)
        hasher.combine(candidate.isProved)
    }

    private static func hash(_ checks: StepChecks, into hasher: inout Hasher) {
        hasher.combine(checks.carriersWritable)
        hasher.combine(checks.reproved)
        hasher.combine(checks.isSilent)
        hasher.combine(checks.retired)
        hasher.combine(checks.listed)
        hasher.combine(checks.disabled)
        hasher.combine(checks.reinstalled)
    }
}
