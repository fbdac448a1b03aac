extension Rotation {
    /// The facts to publish when `event` led from `before` to this state; pure, so that any
    /// re-emission is the same.
    package func facts(after event: RotationEvent, from before: Rotation?) -> [EventType] {
        guard let before else { return [.rotationAccepted] }
        var facts: [EventType] = []
        if before.stuckReason == nil && stuckReason != nil { facts.append(.rotationStuck) }
        switch event {
        case .accepted, .intended, .stuck, .resumed, .madeUrgent, .compromised, .widened:
            break
        case .revokeByPassed: facts.append(.revokeByPassed)
        case .observed(.hookEnded(_, .succeeded), _): facts.append(.hookSucceeded)
        case .observed(.hookEnded(_, .failed), _): facts.append(.hookFailed)
        case .observed: break
        case .failed: if hook(endedBy: event) != nil { facts.append(.hookFailed) }
        case .finished(let step, _):
            let isMore = step == .verify && self.step == .promote
            facts.append(isMore ? .phaseFinished : step.fact)
        case .gaveUp: facts.append(.rotationFailed)
        case .askedForApproval: facts.append(.rotationAwaitingApproval)
        case .approved: facts.append(.rotationApproved)
        case .rejected: break
        case .abandoned: facts.append(.rotationClosed)
        }
        if before.step == .apply && step == .stage { facts.append(.attemptRefused) }
        if step == .close && before.step != .retire && before.step != .close {
            facts.append(.hooksSuperseded)
        }
        if before.step == .hook && step == .retire && !facts.contains(.hooksSucceeded) {
            facts.append(.hooksSucceeded)
        }
        return facts
    }

    /// The hook that `event`, which led to this state, ended; nil where it ended none.
    package func hook(endedBy event: RotationEvent) -> Int? {
        switch event {
        case .observed(.hookEnded(let index, _), _): return index
        case .failed(let effect, _, _):
            guard let index = effect.hookIndex, hooks[index].hasEnded else { return nil }
            return index
        default: return nil  // No other event ends one.
        }
    }
}
