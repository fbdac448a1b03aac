package import RekeyCore

/// Everything that can come of an effect, so far as the port's promises allow it.
package enum EffectOutcomes {
    package static func all(of effect: Effect, in rotation: Rotation) -> [RotationEvent] {
        let at = rotation.times.acceptedAt
        var events = observations(of: effect, in: rotation).map {
            RotationEvent.observed($0, at: at)
        }
        var kinds: [StepFailure.Kind] = [.transient, .permanent]
        if effect.isDeed { kinds.append(.unknown) }
        if effect == .install { kinds.append(.refused) }
        events += kinds.map { .failed(effect, StepFailure($0, "\($0)"), at: at) }
        return events
    }

    /// What it shows when all goes well.
    package static func best(of effect: Effect, in rotation: Rotation) -> RotationEvent {
        let seen = observations(of: effect, in: rotation)
        return .observed(seen[0], at: rotation.times.acceptedAt)
    }

    private static func observations(of effect: Effect, in rotation: Rotation) -> [Observation] {
        switch effect {
        case .stageGenerated: [.staged(staged(rotation))]
        case .stageIssued: [.staged(staged(rotation)), .valueLost]
        case .findStaged: [.staged(staged(rotation)), .notStaged]
        case .checkCarriers: [.carriersWritable]
        case .install: [.installed]
        case .reinstall: [.previousReinstalled]
        case .probeInstalled:
            [.probed(candidate: true, previous: false), .probed(candidate: false, previous: true)]
        case .issue: [.issued(issued(rotation))]
        case .inspectIssued: [.issuedFound([]), .issuedFound([issued(rotation)])]
        case .inspectKeys:
            [
                .keys(current: "old", idle: "new", idleChanged: true),
                .keys(current: "old", idle: "new", idleChanged: false),
            ]
        case .regenerate(let slot): [.issued(slot)]
        case .withdraw(let account): [.withdrawn(account)]
        case .prove, .reprove: [.proved]
        case .readCarrier(let index): reads(of: index, rotation)
        case .writeCarrier(let index): [.carrierWritten(index, version(index, rotation))]
        case .refresh(let index): [.refreshed(index)]
        case .observe(let index): [.evidence(index, .healthy), .evidence(index, .none)]
        case .startHook(let index): [.hookStarted(index)]
        case .followHook(let index):
            [
                .hookEnded(index, .succeeded("done")), .hookEnded(index, .failed("failed")),
                .hookRunning(index), .hookNotStarted(index),
            ]
        case .observeSilence: [.silence(.unused), .silence(.inUse), .silence(.unobservable)]
        case .retire(let account): [.retired(account)]
        case .revoke(let account): [.revoked(account)]
        case .inspectRevoked: [.revokedLooked(isAccepted: false), .revokedLooked(isAccepted: true)]
        case .inspectRetired: [.retiredLooked(isAccepted: false), .retiredLooked(isAccepted: true)]
        case .inspectClosing: [.closingListed(strays: []), .closingListed(strays: ["stray"])]
        case .disableStaged: [.stagedDisabled]
        }
    }

    /// As recorded; as this rotation wrote it, where a write may have landed; as somebody else did.
    private static func reads(of index: Int, _ rotation: Rotation) -> [Observation] {
        let latest = rotation.carriers[index].latest
        let isWritten = rotation.carriers[index].pass == rotation.pass
        var seen = [Observation.carrierRead(index, latest: latest, isOurs: isWritten)]
        if case .writeCarrier(index) = rotation.intent?.effect {
            let ours = version(index, rotation)
            seen.append(.carrierRead(index, latest: ours, isOurs: true))
        }
        seen.append(.carrierRead(index, latest: "foreign", isOurs: false))
        return seen
    }

    private static func staged(_ rotation: Rotation) -> VersionID {
        VersionID("staged-\(rotation.candidate.attempt)")
    }

    private static func issued(_ rotation: Rotation) -> AccountID {
        AccountID("issued-\(rotation.candidate.attempt)")
    }

    private static func version(_ index: Int, _ rotation: Rotation) -> VersionID {
        VersionID("pass-\(rotation.pass)-\(index)")
    }
}
