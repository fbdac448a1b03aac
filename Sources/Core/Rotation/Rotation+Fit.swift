// What a rotation and its events have to be like to be folded; what Rekey records always is, and
// rows that somebody wrote by hand need not be.
extension Rotation {
    /// Whether an event names only carriers, workloads and hooks that the plan has.
    ///
    /// `fold` takes that for granted.
    package func fits(_ event: RotationEvent) -> Bool {
        switch event {
        case .intended(let effect, _, _), .failed(let effect, _, _): has(effect.place)
        case .observed(let observation, _): has(observation.place)
        case .accepted, .finished, .gaveUp, .stuck, .askedForApproval, .approved, .rejected,
            .resumed, .abandoned, .madeUrgent, .compromised, .revokeByPassed, .widened:
            true
        }
    }

    /// Whether the parts of a state go together.
    package var isWhole: Bool {
        let progresses = [intent] + hooks.map(\.intent) + [revocation?.intent]
        let written =
            carriers.map(\.pass)
            + workloads.flatMap { [$0.refreshedPass, $0.evidencePass] }
        return carriers.count == plan.carriers.count && workloads.count == plan.workloads.count
            && hooks.count == plan.hooks.count && passes.indices.contains(pass - 1)
            && written.allSatisfy { (0...passes.count).contains($0) }
            && progresses.compactMap(\.self).allSatisfy {
                has($0.effect.place) && passes.indices.contains($0.pass - 1)
            }
            && (0...workloads.count).contains(joined?.workloads ?? 0)
            && (0...hooks.count).contains(joined?.hooks ?? 0)
    }

    private func has(_ place: Place?) -> Bool {
        switch place {
        case .carrier(let index): carriers.indices.contains(index)
        case .workload(let index): workloads.indices.contains(index)
        case .hook(let index): hooks.indices.contains(index)
        case nil: true
        }
    }
}

/// What of a plan something is about, by its number there.
private enum Place {
    case carrier(Int), workload(Int), hook(Int)
}

extension Effect {
    fileprivate var place: Place? {
        switch self {
        case .readCarrier(let index), .writeCarrier(let index): .carrier(index)
        case .observe(let index), .refresh(let index): .workload(index)
        case .followHook(let index), .startHook(let index): .hook(index)
        case .findStaged, .checkCarriers, .probeInstalled, .inspectIssued, .inspectKeys, .prove,
            .reprove, .observeSilence, .inspectRetired, .inspectRevoked, .inspectClosing,
            .stageGenerated, .install, .issue, .regenerate, .stageIssued, .withdraw, .retire,
            .revoke, .disableStaged, .reinstall:
            nil
        }
    }
}

extension Observation {
    fileprivate var place: Place? {
        switch self {
        case .carrierRead(let index, _, _), .carrierWritten(let index, _): .carrier(index)
        case .refreshed(let index), .evidence(let index, _, _): .workload(index)
        case .hookStarted(let index), .hookRunning(let index), .hookNotStarted(let index),
            .hookEnded(let index, _):
            .hook(index)
        case .staged, .notStaged, .carriersWritable, .installed, .probed, .issued, .issuedFound,
            .keys, .valueLost, .withdrawn, .proved, .silence, .retired, .retiredLooked, .revoked,
            .revokedLooked, .stagedDisabled, .previousReinstalled, .closingListed:
            nil
        }
    }
}
