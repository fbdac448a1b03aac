import Foundation

extension Rotation {
    /// Takes in what happened.
    ///
    /// It decides nothing: what follows is `next`'s to say.
    package mutating func fold(_ event: RotationEvent) {
        number += 1
        switch event {
        case .accepted: break
        case .intended(let effect, let at, let deadline):
            let pass = pass(of: effect)
            open(Intent(effect: effect, openedAt: at, deadline: deadline, pass: pass))
        case .observed(let observation, let at): fold(observation, at: at)
        case .failed(let effect, let failure, let at): fold(failure, of: effect, at: at)
        case .finished(let finished, let at): finish(finished, at: at)
        case .gaveUp(let why, let at): turnBack(why, at: at)
        case .stuck(let why, _): stuckReason = why
        case .askedForApproval(let at): approval = .asked(at)
        case .approved(let by, _):
            approval = .approved(by: by)
            // It may have got stuck because nobody answered in time.
            stuckReason = nil
        case .rejected(let by, _): approval = .rejected(by: by)
        case .resumed(let rebase, _, let at): resume(rebase: rebase, at: at)
        case .abandoned(_, let at): abandon(at: at)
        case .madeUrgent: hurry()
        case .compromised(let reason, let request, _, let at):
            declare(reason, by: request, at: at)
        case .revokeByPassed(let at): passRevokeBy(at: at)
        case .widened(let workloads, let hooks, let at): widen(workloads, hooks, at: at)
        }
    }

    private mutating func open(_ intent: Intent) {
        if case .startHook(let index) = intent.effect {
            hooks[index].intent = intent
            hooks[index].startedAt = hooks[index].startedAt ?? intent.openedAt
            return
        }
        if case .revoke = intent.effect {
            revocation?.intent = intent
            return
        }
        self.intent = intent
        switch intent.effect {
        case .install, .issue, .regenerate, .reinstall: candidate.mayBeLive = true
        default: break  // Only these change what the target accepts beyond the previous value.
        }
    }

    private mutating func fold(_ failure: StepFailure, of effect: Effect, at: Date) {
        if let index = effect.hookIndex {
            hooks[index].failures += 1
            let pause = plan.policy.backoffSeconds(afterFailures: hooks[index].failures)
            hooks[index].retryAt = at + max(pause, failure.retryAfterSeconds ?? 0)
            if effect.isDeed && failure.kind != .unknown { hooks[index].intent = nil }
            return failHook(index, failure, at: at)
        }
        if effect.isRevocation { return foldRevocation(failure, of: effect, at: at) }
        if effect == .probeInstalled { countProbe(at: at) }
        if !failure.saysWhen { failures += 1 }
        lastFailure = failure
        checks.failedAt = at
        retryAt = at + pause(after: failure, isIdle: isIdle)
        if effect.isDeed && failure.kind != .unknown {
            intent = nil
            settleUnchanged(effect, failure)
        }
        if failure.kind == .refused {
            candidate.isRefused = true
            retryAt = nil
        }
        if case .retire = effect { noteFailedEnd() }
    }

    /// Whether nobody waits for this step: both credentials work, and all there is to do is to end
    /// the old one and to tidy up.
    private var isIdle: Bool { !isUrgent && (step == .retire || step == .close) }

    private func pause(after failure: StepFailure, isIdle: Bool) -> Double {
        let policy = plan.policy
        let seconds =
            isIdle
            ? policy.idleBackoffSeconds(afterFailures: failures)
            : policy.backoffSeconds(afterFailures: failures)
        return max(seconds, failure.retryAfterSeconds ?? 0)
    }

    /// Makes it urgent, with no longer a pause than what is urgent has.
    mutating func hurry() {
        if isIdle, let retryAt, let lastFailure {
            let idle = pause(after: lastFailure, isIdle: true)
            self.retryAt = retryAt - idle + pause(after: lastFailure, isIdle: false)
        }
        isUrgent = true
    }

    /// A change that certainly did not happen leaves nothing to be ended.
    ///
    /// What the target's policy refused has to be looked at first.
    private mutating func settleUnchanged(_ effect: Effect, _ failure: StepFailure) {
        guard failure.kind != .refused, !candidate.isApplied, candidate.issued == nil else {
            return
        }
        switch effect {
        case .install, .issue, .regenerate: candidate.mayBeLive = false
        default: break  // The others make no credential.
        }
    }

    private mutating func finish(_ finished: Step, at: Date) {
        guard finished == step, !isOver else { return }
        switch finished {
        case .verify:
            if pass < plan.strategy.passesBeforeComplete {
                pass += 1
                begin(.promote, at: at)
            } else {
                begin(.complete, at: at)
            }
        case .complete:
            times.completedAt = at
            if leavesPreviousToNext { return begin(.close, at: at) }
            begin(requiredHooksSucceeded ? .retire : .hook, at: at)
            if step == .retire { beginDroppingPrevious() }
        case .hook: startRetiring(at: at)
        case .retire:
            times.retiredAt = at
            begin(.close, at: at)
        case .close, .restore:
            end = finished == .close ? .closed : .rolledBack
            times.endedAt = at
        case .admit, .stage, .apply, .prove, .promote, .refresh:
            begin(finished.following, at: at)
        }
    }

    mutating func startRetiring(at: Date) {
        begin(.retire, at: at)
        beginDroppingPrevious()
    }

    /// Retire of a value with no target is one more promotion: verifiers drop the old one.
    private mutating func beginDroppingPrevious() {
        if plan.strategy.passes.count > plan.strategy.passesBeforeComplete { pass += 1 }
    }

    mutating func begin(_ next: Step, at: Date) {
        step = next
        times.stepBeganAt = at
        checks = StepChecks()
        failures = 0
        retryAt = nil
        lastFailure = nil
        for index in carriers.indices { carriers[index].isRebasing = false }
        forgetLooks()
    }

    /// Every carrier is read again, and the new credential signs in again, before anything is
    /// revoked.
    mutating func forgetLooks() {
        checks.reproved = false
        for index in carriers.indices { carriers[index].isConfirmed = false }
    }

    private mutating func turnBack(_ why: String, at: Date) {
        guard !isGoingBack, !isOver else { return }
        gaveUpReason = why
        stuckReason = nil
        // Nobody has to take the new value up any more, and doing so again would count as going
        // back.
        if case .refresh = intent?.effect { intent = nil }
        if hasPromoted {
            passes = Array(passes.prefix(pass)) + plan.strategy.passesBack
            pass += 1
        }
        for index in hooks.indices where hooks[index].startedAt != nil {
            hooks[index] = HookProgress()
            hooks[index].isRerun = true
        }
        begin(.restore, at: at)
        guard plan.strategy.overlaps else { return }
        forgive(plan.previousAccount)
        if candidate.mayBeLive, let account = candidate.account { owe(account, at: at) }
    }

    private mutating func resume(rebase: Bool, at: Date) {
        stuckReason = nil
        failures = 0
        retryAt = nil
        lastFailure = nil
        times.stepBeganAt = at
        checks.shutAt = nil
        checks.hasFailedToEnd = nil
        if step == .apply, !candidate.mayTry(plan.policy) {
            candidate.forgivenAttempts = candidate.attempt - 1
            if !plan.strategy.targetMakesValue { step = .stage }
        }
        // What carriers hold and who uses the old one may be days ago.
        forgetLooks()
        checks.isSilent = false
        for index in carriers.indices where rebase && carriers[index].pass < pass {
            carriers[index].isRebasing = true
        }
        for index in hooks.indices {
            if case .failed = hooks[index].state {
                let wasStarted = hooks[index].startedAt != nil
                hooks[index] = HookProgress()
                hooks[index].isRerun = isGoingBack && wasStarted
            }
        }
    }

    private mutating func abandon(at: Date) {
        guard !isOver else { return }
        if plan.strategy.overlaps { oweWhatNoCarrierNames(at: at) }
        end = .abandoned
        times.endedAt = at
    }

    /// What the carriers name, or will once an open write lands.
    var namedContents: [CarrierContent] {
        var contents = carriers.map { carrier in
            carrier.pass == 0 ? CarrierContent.previous : passes[carrier.pass - 1].content
        }
        if let intent, case .writeCarrier = intent.effect {
            contents.append(passes[intent.pass - 1].content)
        }
        return contents
    }

    /// What a carrier names stays; the other is the debt.
    private mutating func oweWhatNoCarrierNames(at: Date) {
        let contents = namedContents
        for orphan in candidate.orphans { owe(orphan, at: at) }
        if contents.contains(where: { $0 != .previous }) {
            forgive(candidate.account)
        } else if candidate.mayBeLive, let account = candidate.account {
            owe(account, at: at)
        }
        if contents.contains(where: { $0 != .candidate }) {
            forgive(plan.previousAccount)
        } else if let old = plan.previousAccount {
            oweUnlessEnded(old, at: at)
        }
    }

    mutating func owe(_ account: AccountID, at: Date) {
        guard !debts.contains(where: { $0.account == account }) else { return }
        debts.append(
            Debt(
                credential: plan.credential,
                target: plan.target,
                account: account,
                rotation: id,
                since: at
            )
        )
    }

    /// Takes a debt back: the credential stays, or was never accepted.
    mutating func forgive(_ account: AccountID?) {
        debts.removeAll { $0.account == account && !$0.isPaid }
    }

    mutating func pay(_ account: AccountID) {
        for index in debts.indices where debts[index].account == account {
            debts[index].isPaid = true
        }
    }
}

extension Step {
    /// The step after this one, where it is the same in every strategy and pass.
    fileprivate var following: Step {
        switch self {
        case .admit: .stage
        case .stage: .apply
        case .apply: .prove
        case .prove: .promote
        case .promote: .refresh
        case .refresh: .verify
        case .verify: .complete
        case .complete: .hook
        case .hook: .retire
        case .retire, .close, .restore: .close
        }
    }
}

extension Effect {
    /// Which hook it is about, where it is about one.
    package var hookIndex: Int? {
        switch self {
        case .startHook(let index), .followHook(let index): index
        default: nil
        }
    }
}
