import Foundation
import RekeyCore
import RekeyPorts

/// What the end of a rotation changes in the record of its credential.
struct CredentialLedger: Sendable {
    enum Ending: Sendable { case completed, rolledBack }

    let rotation: Rotation
    let ending: Ending

    static func ending(of rotation: Rotation, after event: RotationEvent) -> CredentialLedger? {
        switch event {
        case .finished(.complete, _): CredentialLedger(rotation: rotation, ending: .completed)
        case .finished(.restore, _): CredentialLedger(rotation: rotation, ending: .rolledBack)
        default: nil
        }
    }

    func applied(to record: CredentialRecord?, at now: Date) -> CredentialRecord {
        var record = record ?? CredentialRecord(id: rotation.plan.credential, adoptedAt: now)
        record.sequence = max(record.sequence, rotation.plan.sequence)
        switch ending {
        case .completed:
            record.lastRotatedAt = now
            record.account = rotation.candidate.account ?? record.account
            record.expiresAt = now + rotation.plan.policy.lifetimeSeconds
            record.dueAt = rotation.nextDue
            record.notBefore = nil
            record.failedRotations = 0
        case .rolledBack:
            record.failedRotations += 1
            // A failed rotation is not tried again at once by any routine trigger.
            let pause = Self.firstPauseSeconds * Double(1 << min(record.failedRotations - 1, 6))
            record.notBefore = now + pause
        }
        return record
    }

    /// The pause after the first failed rotation; it doubles with each further one, to 64 times.
    static let firstPauseSeconds: Double = 900
}
