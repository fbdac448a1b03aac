package import Foundation

// How a rotation ends: hooks, retire, close, and the way back.
extension Rotation {
    package var requiredHooksSucceeded: Bool {
        zip(plan.hooks, hooks).allSatisfy {
            !$0.isRequired || $1.hasSucceeded || $1.state == .superseded
        }
    }

    func nextHook(ofKind kind: String, at now: Date) -> Decision {
        guard times.completedAt != nil || isGoingBack else { return .nothing }
        var earliest: Date?
        for (index, hook) in hooks.enumerated() where plan.hooks[index].kind == kind {
            guard !hook.hasEnded, !isGoingBack || hook.isRerun else { continue }
            if let retryAt = hook.retryAt, now < retryAt {
                earliest = min(earliest ?? retryAt, retryAt)
                continue
            }
            if hook.intent != nil || hook.state == .running { return .perform(.followHook(index)) }
            guard !isGoingBack || isRestored else { return .nothing }
            return .perform(.startHook(index))
        }
        return earliest.map { .wait(until: $0) } ?? .nothing
    }

    /// Whether every carrier names the previous value again: going back, a hook is told of what
    /// they hold, and is not to hand the candidate on once more.
    private var isRestored: Bool {
        !hasPromoted || (pass == passes.count && nextPromotion == nil)
    }

    /// When a hook's time is over, counted from its first start.
    package func deadline(ofHook index: Int) -> Date? {
        hooks[index].startedAt.map { $0 + plan.deadlineSeconds(ofHook: index) }
    }

    /// A hook that cannot be called has failed: at once where it never can be, else once its time
    /// is over.
    mutating func failHook(_ index: Int, _ failure: StepFailure, at: Date) {
        if failure.kind == .permanent { return endHook(index, .failed(failure.reason), at: at) }
        guard let end = deadline(ofHook: index), at >= end else { return }
        endHook(index, .failed("no end within its deadline: \(failure.reason)"), at: at)
    }

    func nextRetire(at now: Date) -> Decision {
        let graceEnd = (times.completedAt ?? times.stepBeganAt) + plan.policy.graceSeconds
        if now < graceEnd && !reason.isCompromise { return .wait(until: graceEnd) }
        if let wait = waitForWrites(at: now) { return wait }
        let isDropping = pass > plan.strategy.passesBeforeComplete
        // After the deadline of a compromise the old value goes first, whoever has to reload.
        if isDropping, isPastRevokeBy, let write = nextPromotion { return write }
        if let behind = nextRefresh ?? nextEvidence(fedBy: .vault) { return behind }
        guard requiredHooksSucceeded || isPastRevokeBy else { return .hold }
        if let behind = nextEvidence(fedBy: .hook) { return behind }
        if isDropping { return nextPromotion ?? .finish(.retire) }
        if plan.target != nil && !checks.reproved { return .perform(.reprove) }
        let old = plan.strategy.overlaps ? plan.previousAccount : nil
        let isEnded = old.map { checks.retired || revocation?.ended.contains($0) == true } ?? true
        guard isEnded || checks.isSilent || isPastRevokeBy else {
            return .perform(.observeSilence)
        }
        // Last of all, since somebody may have put the old one back while it was waited for.
        if let unread = carriers.firstIndex(where: { !$0.isConfirmed }) {
            return .perform(.readCarrier(unread))
        }
        if let old, !isEnded { return .perform(.retire(old)) }
        return unpaidInheritance.map { .perform(.retire($0)) } ?? .finish(.retire)
    }

    func nextClose(at now: Date) -> Decision {
        if let running = hooks.firstIndex(where: { !$0.hasEnded }) {
            let latest = times.stepBeganAt + plan.deadlineSeconds(ofHook: running)
            let end = deadline(ofHook: running) ?? latest
            if now < end { return .wait(until: end) }
        }
        if candidate.wasStaged && !checks.disabled { return .perform(.disableStaged) }
        if plan.target != nil && !checks.listed { return .perform(.inspectClosing) }
        return .finish(.close)
    }

    /// A write that may still land would undo what comes after it.
    private func waitForWrites(at now: Date) -> Decision? {
        guard let writesEndAt, now < writesEndAt else { return nil }
        return .wait(until: writesEndAt)
    }

    /// The forward chain aimed at the previous value; then the candidate is what has to go.
    func nextRestore(at now: Date) -> Decision {
        if let wait = waitForWrites(at: now) { return wait }
        if plan.strategy == .replace && candidate.mayBeLive && !checks.reinstalled {
            return .perform(.reinstall)
        }
        if currentPass.content == .previous {
            if let refresh = nextRefresh { return refreshStuck ?? refresh }
            if let change = nextEvidence(fedBy: .vault) ?? nextPromotion { return change }
        }
        guard haveHooksRunAgain || isPastRevokeBy else { return .hold }
        // Whoever was handed the candidate shows that it took the previous value back.
        if asksHookFed, let behind = nextEvidence(fedBy: .hook) { return behind }
        if let orphan = candidate.orphans.first { return .perform(.withdraw(orphan)) }
        if let discarded = nextDiscard { return discarded }
        if candidate.wasStaged && !checks.disabled { return .perform(.disableStaged) }
        return .finish(.restore)
    }

    /// A workload that cannot be made to take the previous value back is a person's to look at: all
    /// else is as it was, and each attempt may be a restart.
    private var refreshStuck: Decision? {
        guard let failure = lastFailure else { return nil }
        guard wasDeniedAfter(seconds: plan.policy.verifyDeadlineSeconds) else { return nil }
        return .getStuck("restore: \(failure.reason)")
    }

    /// Whether those whom hooks feed have to show what they hold by now.
    var asksHookFed: Bool {
        switch step {
        case .retire: true
        case .restore: hooks.contains(where: \.isRerun) && haveHooksRunAgain
        default: false
        }
    }

    /// Whether those who were handed the candidate were handed the previous value again.
    ///
    /// A required hook that failed keeps the candidate alive, for whoever holds nothing else.
    private var haveHooksRunAgain: Bool {
        zip(plan.hooks, hooks).allSatisfy { planned, hook in
            !hook.isRerun || (planned.isRequired ? hook.hasSucceeded : hook.hasEnded)
        }
    }

    /// Ends what the candidate opened at the target, once every carrier names the previous one.
    private var nextDiscard: Decision? {
        guard plan.strategy.overlaps, plan.target != nil, candidate.mayBeLive, !checks.retired,
            let account = candidate.account
        else { return nil }
        if let unread = carriers.firstIndex(where: { !$0.isConfirmed }) {
            return .perform(.readCarrier(unread))
        }
        return .perform(.retire(account))
    }
}
