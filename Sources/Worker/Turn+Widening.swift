import Logging
import RekeyCore
import RekeyPorts

// Who was added to the configuration while a rotation is under way.
extension Turn {
    /// Records who joins the rotation, before it is asked what to do.
    ///
    /// It is so before every decision of the step lane, and the configuration is this process's: no
    /// worker ends a credential without those whom it knows of.
    func widen(_ progress: inout TurnProgress, in lane: Lane, for cause: EventID?) {
        let credential = progress.rotation.plan.credential
        guard let present = estate.definitions[credential] else { return }
        if let event = progress.rotation.holdUp(over: present, at: clock.now, in: lane) {
            return record(event, &progress, for: cause)
        }
        guard let event = progress.rotation.widening(to: present, at: clock.now, in: lane),
            case .widened(let workloads, let hooks, let date) = event
        else { return }
        record(event, &progress, for: cause)
        let names = workloads.map(\.name.text) + hooks.map(\.name.text)
        logger.notice(
            "somebody joined a rotation under way",
            metadata: [
                "rotation.id": "\(progress.rotation.id)", "secret.name": "\(credential)",
                "joined": "\(names.joined(separator: ", "))",
            ]
        )
        // What wakes the hooks is told once, at the completion.
        guard progress.rotation.times.completedAt != nil else { return }
        for kind in Set(hooks.map(\.kind)).sorted() {
            progress.writes.append(.arm(timer(for: progress, .hook(kind: kind), at: date)))
        }
    }
}
