import Foundation
import RekeyCore
import RekeyPorts

// Who sees to it that the hooks run, where the event that wakes them was lost.
extension Turn {
    /// Sets a timer for each kind of hook that has not begun though it is its turn.
    ///
    /// Once the rotation is complete an event wakes them. Where the rotation holds, the sweeper
    /// finds it; where its own line waits, that timer would hide that nobody begins them. Going
    /// back there is no such event: they begin as soon as the carriers are as they were.
    func remindHooks(_ progress: inout TurnProgress, in lane: Lane) {
        let rotation = progress.rotation
        guard case .step = lane, let date = hooksAreDue(rotation) else { return }
        let waiting = zip(rotation.plan.hooks, rotation.hooks).filter { $1.isUnbegun }
        for kind in Set(waiting.map { $0.0.kind }).sorted() {
            if rotation.isGoingBack {
                guard case .perform = rotation.next(at: clock.now, in: .hook(kind: kind)) else {
                    continue
                }
            }
            let reminder = timer(for: progress, .hook(kind: kind), at: date)
            let isArmed = progress.writes.contains { write in
                if case .arm(let timer) = write { timer.lane == reminder.lane } else { false }
            }
            if !isArmed { progress.writes.append(.arm(reminder)) }
        }
    }

    private func hooksAreDue(_ rotation: Rotation) -> Date? {
        if rotation.isGoingBack { return clock.now }
        return rotation.times.completedAt.map { $0 + Self.reminderSeconds }
    }

    /// How long the event that wakes a hook has before somebody else begins it.
    private static let reminderSeconds: Double = 5
}

extension HookProgress {
    fileprivate var isUnbegun: Bool { state == .waiting && startedAt == nil && retryAt == nil }
}
