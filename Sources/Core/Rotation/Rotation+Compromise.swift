import Foundation

// What a compromise changes: no gate, no way back, and a deadline at which the old value dies.
extension Rotation {
    /// Whether the deadline has passed with the old credential still accepted.
    package var isPastRevokeBy: Bool { revocation?.passedAt != nil }

    /// Whether a value exists that somebody may know by now.
    package var hasMadeValue: Bool {
        if candidate.staged != nil || candidate.issued != nil || candidate.mayBeLive { return true }
        switch intent?.effect {
        case .stageGenerated, .stageIssued, .issue, .regenerate, .install: return true
        default: return false
        }
    }

    /// Whether the old credential is left to the rotation that follows.
    ///
    /// Those whom the superseded hooks would have told may hold nothing else.
    var leavesPreviousToNext: Bool { hooks.contains { $0.state == .superseded } }

    /// What earlier rotations left and this one has not ended yet.
    var unpaidInheritance: AccountID? {
        (plan.inheritedDebts ?? []).first { account in
            debts.contains { $0.account == account && !$0.isPaid }
        }
    }

    func isInherited(_ account: AccountID) -> Bool {
        plan.inheritedDebts?.contains(account) == true
    }

    func nextRevocation(at now: Date) -> Decision {
        guard let revocation, !isPreviousRetired else { return .nothing }
        if now < revocation.dueAt { return .wait(until: revocation.dueAt) }
        guard revocation.passedAt != nil else { return .passRevokeBy }
        // A value that is replaced in place dies with the candidate's installation, and one
        // without a target with the carriers of its verifiers.
        guard plan.strategy.overlaps, plan.target != nil else { return .nothing }
        if let retryAt = revocation.retryAt, now < retryAt { return .wait(until: retryAt) }
        if revocation.intent != nil { return .perform(.inspectRevoked) }
        return nextToRevoke.map { .perform(.revoke($0)) } ?? .nothing
    }

    private var nextToRevoke: AccountID? {
        if let unpaid = unpaidInheritance { return unpaid }
        guard let old = plan.previousAccount else { return nil }
        return revocation?.ended.contains(old) == true ? nil : old
    }

    private var isPreviousRetired: Bool {
        times.retiredAt != nil || (checks.retired && step == .retire)
    }

    /// Somebody declared the value compromised while this rotation was replacing it.
    ///
    /// A value that is made after that serves the request. One that was made before does not, so
    /// another rotation follows; where the target takes several credentials, hooks that have not
    /// succeeded are left to it. One that goes back by then goes on with that, so that the next
    /// finds everything as it was; the deadline holds for it all the same.
    mutating func declare(_ declared: RotationReason, by request: EventID, at: Date) {
        hurry()
        reason = reason.joined(with: declared)
        if let dueAt = reason.revokeBy {
            if revocation == nil { revocation = Revocation(dueAt: dueAt) }
            if revocation?.passedAt == nil { revocation?.dueAt = dueAt }
        }
        guard !isGoingBack else { return }
        guard hasMadeValue else {
            servedRequests = (servedRequests ?? []) + [request]
            return
        }
        guard plan.strategy == .addThenRemove, times.retiredAt == nil, step != .retire else {
            return
        }
        for index in hooks.indices where !hooks[index].hasSucceeded {
            hooks[index] = HookProgress()
            hooks[index].state = .superseded
        }
        if step == .hook, leavesPreviousToNext { begin(.close, at: at) }
    }

    mutating func passRevokeBy(at: Date) {
        guard revocation?.passedAt == nil else { return }
        let cutOff = missing
        revocation?.cutOff = cutOff
        revocation?.passedAt = at
        stuckReason = nil
        // What held the rotation is tried once more, when its pause is over.
        failures = 0
        lastFailure = nil
        if step == .hook { startRetiring(at: at) }
        if step == .restore { goOnBack() }
    }

    /// Who has not shown the new credential: going back, nobody is to hold it.
    private var missing: [String] {
        if isGoingBack {
            return plan.workloads.map { "workload \($0.name)" }
                + plan.hooks.map { "hook \($0.name)" }
        }
        let change = plan.strategy.passes.prefix(plan.strategy.passesBeforeComplete)
        var names: [String] = []
        for (planned, workload) in zip(plan.workloads, workloads) {
            let last = change.lastIndex { $0.audience.includes(planned.audience) }
            let needed = last.map { $0 + 1 } ?? 0
            if workload.evidencePass < needed { names.append("workload \(planned.name)") }
        }
        for (planned, hook) in zip(plan.hooks, hooks) where !hook.hasSucceeded {
            names.append("hook \(planned.name)")
        }
        return names
    }

    mutating func foldRevocation(_ failure: StepFailure, of effect: Effect, at: Date) {
        let failures = (revocation?.failures ?? 0) + 1
        revocation?.failures = failures
        let pause = plan.policy.backoffSeconds(afterFailures: failures)
        revocation?.retryAt = at + max(pause, failure.retryAfterSeconds ?? 0)
        if effect.isDeed && failure.kind != .unknown { revocation?.intent = nil }
    }

    mutating func foldRevocation(_ observation: Observation) {
        revocation?.failures = 0
        revocation?.retryAt = nil
        switch observation {
        case .revoked(let account): settleRevoked(account)
        case .revokedLooked(let isAccepted):
            guard case .revoke(let account) = revocation?.intent?.effect else { return }
            if isAccepted { revocation?.intent = nil } else { settleRevoked(account) }
        default: break  // `fold` sends only the cases above.
        }
    }

    private mutating func settleRevoked(_ account: AccountID) {
        revocation?.intent = nil
        revocation?.ended.append(account)
        pay(account)
    }

    mutating func oweUnlessEnded(_ account: AccountID, at: Date) {
        guard revocation?.ended.contains(account) != true else { return }
        owe(account, at: at)
    }
}

extension Effect {
    /// Whether it belongs to the lane that ends a compromised credential.
    package var isRevocation: Bool {
        switch self {
        case .revoke, .inspectRevoked: true
        default: false
        }
    }
}
