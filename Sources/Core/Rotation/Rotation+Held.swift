/// What a person has to decide.
extension Rotation {
    /// Why the rotation cannot end before a person decides; nil where nothing holds it.
    ///
    /// That is what it is stuck by, or a required hook that failed: the credential that is to go
    /// stays until the hook has run again. An approval that is asked for is not meant.
    package var heldReason: String? {
        if let stuckReason { return stuckReason }
        guard end == nil, !isPastRevokeBy else { return nil }
        for (planned, hook) in zip(plan.hooks, hooks) where planned.isRequired {
            guard case .failed(let reason) = hook.state, !isGoingBack || hook.isRerun else {
                continue
            }
            return "hook \(planned.name) failed: \(reason)"
        }
        return nil
    }

    /// Why nothing has succeeded for about as long as evidence may take, though each failure may
    /// pass: the rotation goes on trying, and somebody should know.
    ///
    /// As many failures in a row as there are longest pauses in that time.
    package var troubledReason: String? {
        guard !isOver, let lastFailure else { return nil }
        let seconds = Double(failures) * plan.policy.longestBackoffSeconds
        guard seconds >= plan.policy.verifyDeadlineSeconds else { return nil }
        return "\(step): \(lastFailure.reason)"
    }
}
