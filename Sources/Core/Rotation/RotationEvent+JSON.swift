package import Foundation

extension RotationEvent {
    /// The JSON of an event that every rotation records; nil for the others, which are rare, and
    /// where a number is infinite.
    ///
    /// Those `JSONEncoder` writes, or refuses. Where there is one it has `JSONEncoder`'s bytes:
    /// members sorted, slashes not escaped, a date as the seconds since 2001-01-01 UTC.
    package var usualJSON: Data? {
        var text = JSONText(capacity: 128)
        switch self {
        case .accepted(let plan, .routine, let requester, let at):
            text = JSONText(capacity: 2_048)
            text.wrapped("accepted") { event in
                event.name("_0")
                plan.write(to: &event)
                event.member("at", at)
                event.member("by", requester)
                event.name("reason")
                event.wrapped("routine")
            }
        case .intended(let effect, let at, let deadline):
            text.wrapped("intended") { event in
                event.name("_0")
                effect.write(to: &event)
                event.member("at", at)
                event.member("deadline", deadline)
            }
        case .observed(let observation, let at):
            guard observation.isUsual else { return nil }
            text.wrapped("observed") { event in
                event.name("_0")
                observation.write(to: &event)
                event.member("at", at)
            }
        case .finished(let step, let at):
            text.wrapped("finished") { event in
                event.member("_0", step.rawValue)
                event.member("at", at)
            }
        case .accepted, .failed, .gaveUp, .stuck, .askedForApproval, .approved, .rejected,
            .resumed, .abandoned, .madeUrgent, .compromised, .revokeByPassed, .widened:
            return nil
        }
        return text.isFinite ? Data(text.bytes) : nil
    }
}

extension Effect {
    fileprivate func write(to text: inout JSONText) {
        switch self {
        case .findStaged: text.wrapped("findStaged")
        case .checkCarriers: text.wrapped("checkCarriers")
        case .probeInstalled: text.wrapped("probeInstalled")
        case .inspectIssued: text.wrapped("inspectIssued")
        case .inspectKeys: text.wrapped("inspectKeys")
        case .prove: text.wrapped("prove")
        case .readCarrier(let index): text.wrapped("readCarrier", index)
        case .observe(let index): text.wrapped("observe", index)
        case .followHook(let index): text.wrapped("followHook", index)
        case .reprove: text.wrapped("reprove")
        case .observeSilence: text.wrapped("observeSilence")
        case .inspectRetired: text.wrapped("inspectRetired")
        case .inspectRevoked: text.wrapped("inspectRevoked")
        case .inspectClosing: text.wrapped("inspectClosing")
        case .stageGenerated: text.wrapped("stageGenerated")
        case .install: text.wrapped("install")
        case .issue: text.wrapped("issue")
        case .regenerate(let account): text.wrapped("regenerate", account.text)
        case .stageIssued: text.wrapped("stageIssued")
        case .withdraw(let account): text.wrapped("withdraw", account.text)
        case .writeCarrier(let index): text.wrapped("writeCarrier", index)
        case .refresh(let index): text.wrapped("refresh", index)
        case .startHook(let index): text.wrapped("startHook", index)
        case .retire(let account): text.wrapped("retire", account.text)
        case .revoke(let account): text.wrapped("revoke", account.text)
        case .disableStaged: text.wrapped("disableStaged")
        case .reinstall: text.wrapped("reinstall")
        }
    }
}

extension Observation {
    /// Whether `write` knows it: what a rotation that goes well shows once or more.
    fileprivate var isUsual: Bool {
        switch self {
        case .staged, .carriersWritable, .installed, .proved, .carrierRead, .carrierWritten,
            .refreshed, .evidence, .silence, .retired, .stagedDisabled, .closingListed:
            true
        case .notStaged, .probed, .issued, .issuedFound, .keys, .valueLost, .withdrawn,
            .hookStarted, .hookRunning, .hookNotStarted, .hookEnded, .retiredLooked, .revoked,
            .revokedLooked, .previousReinstalled:
            false
        }
    }

    fileprivate func write(to text: inout JSONText) {
        switch self {
        case .staged(let version): text.wrapped("staged", version.text)
        case .carriersWritable: text.wrapped("carriersWritable")
        case .installed: text.wrapped("installed")
        case .proved: text.wrapped("proved")
        case .carrierRead(let index, let latest, let isOurs):
            text.wrapped("carrierRead") { read in
                read.member("_0", index)
                read.member("isOurs", isOurs)
                read.member("latest", latest?.text)
            }
        case .carrierWritten(let index, let version):
            text.wrapped("carrierWritten") { written in
                written.member("_0", index)
                written.member("_1", version.text)
            }
        case .refreshed(let index): text.wrapped("refreshed", index)
        case .evidence(let index, let level, let remark):
            text.wrapped("evidence") { evidence in
                evidence.member("_0", index)
                evidence.member("_1", level.rawValue)
                evidence.member("remark", remark)
            }
        case .silence(let silence): text.wrapped("silence", silence.rawValue)
        case .retired(let account): text.wrapped("retired", account.text)
        case .stagedDisabled: text.wrapped("stagedDisabled")
        case .closingListed(let strays):
            text.wrapped("closingListed") { $0.member("strays", strays.map(\.text)) }
        case .notStaged, .probed, .issued, .issuedFound, .keys, .valueLost, .withdrawn,
            .hookStarted, .hookRunning, .hookNotStarted, .hookEnded, .retiredLooked, .revoked,
            .revokedLooked, .previousReinstalled:
            preconditionFailure("isUsual leaves \(self) to JSONEncoder")
        }
    }
}
