import Foundation
import RekeyCore
import RekeyPorts

/// What a rotation changes in the record of its credential.
struct CredentialLedger: Sendable {
    enum Ending: Sendable {
        case completed, rolledBack, abandoned

        init?(after event: RotationEvent) {
            switch event {
            case .finished(.complete, _): self = .completed
            case .finished(.restore, _): self = .rolledBack
            case .abandoned: self = .abandoned
            default: return nil
            }
        }
    }

    let rotation: Rotation
    /// Nil where it goes on, and only looks were counted.
    let ending: Ending?

    func applied(to record: CredentialRecord?, at now: Date) -> CredentialRecord {
        var record = record ?? CredentialRecord(id: rotation.plan.credential, adoptedAt: now)
        record.sequence = max(record.sequence, rotation.plan.sequence)
        record.probes = rotation.probes
        switch ending {
        case nil: break
        case .completed:
            record.rotatedBeforeAt = record.lastRotatedAt
            record.lastRotatedAt = now
            record.account = rotation.candidate.account ?? record.account
            record.expiresAt = rotation.earliestEnd
            record.dueAt = rotation.nextDue
            record.notBefore = nil
            record.failedRotations = 0
            record.noticed = nil
        case .rolledBack:
            if rotation.times.completedAt != nil { undoCompletion(&record) }
            postpone(&record, at: now)
        case .abandoned: postpone(&record, at: now)
        }
        return record
    }

    /// A failed rotation is not tried again at once by any routine trigger.
    private func postpone(_ record: inout CredentialRecord, at now: Date) {
        record.failedRotations += 1
        let pause = Self.firstPauseSeconds * Double(1 << min(record.failedRotations - 1, 6))
        record.notBefore = now + pause
    }

    /// The carriers name the previous credential again, with the end that it always had.
    private func undoCompletion(_ record: inout CredentialRecord) {
        record.lastRotatedAt = record.rotatedBeforeAt
        record.account = rotation.plan.previousAccount
        record.expiresAt = rotation.plan.previousEnd
        record.dueAt = rotation.plan.previousEnd.map { $0 - rotation.plan.policy.thresholdSeconds }
    }

    /// The pause after the first failed rotation; it doubles with each further one, to 64 times.
    static let firstPauseSeconds: Double = 900
}
