import RekeyCore
import RekeyPorts

extension Rotation {
    /// Wakes the lane that ends a compromised credential; it outlives every step.
    var revocationTimer: JournalTimer? {
        revocation.map {
            JournalTimer(
                rotation: id,
                lane: Lane.revocation.description,
                dueAt: $0.dueAt,
                isUrgent: true
            )
        }
    }
}
