import Foundation
import RekeyCore
import RekeyPorts

// Who sees to it that the hooks run, where the event that wakes them was lost.
extension Turn {
    /// Sets a timer for each kind of hook that has not begun though the rotation is complete.
    ///
    /// Where the rotation holds, the sweeper finds it; where its own line waits, that timer would
    /// hide that nobody begins them.
    func remindHooks(_ progress: inout TurnProgress, in lane: Lane) {
        let rotation = progress.rotation
        guard case .step = lane, !rotation.isGoingBack,
            let completedAt = rotation.times.completedAt
        else { return }
        let waiting = zip(rotation.plan.hooks, rotation.hooks).filter { $1.isUnbegun }
        for kind in Set(waiting.map { $0.0.kind }).sorted() {
            let reminder = timer(
                for: progress,
                .hook(kind: kind),
                at: completedAt + Self.reminderSeconds
            )
            let isArmed = progress.writes.contains { write in
                if case .arm(let timer) = write { timer.lane == reminder.lane } else { false }
            }
            if !isArmed { progress.writes.append(.arm(reminder)) }
        }
    }

    /// How long the event that wakes a hook has before somebody else begins it.
    private static let reminderSeconds: Double = 5
}

extension HookProgress {
    fileprivate var isUnbegun: Bool { state == .waiting && startedAt == nil && retryAt == nil }
}
