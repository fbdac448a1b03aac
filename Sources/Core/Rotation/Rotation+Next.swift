package import Foundation

extension Rotation {
    /// What to do now in a lane.
    ///
    /// It reads nothing but the state and the time.
    package func next(at now: Date, in lane: Lane) -> Decision {
        guard !isOver else { return .nothing }
        switch lane {
        case .hook(let kind): return nextHook(ofKind: kind, at: now)
        case .revocation: return nextRevocation(at: now)
        case .step(let asked):
            guard asked == step else { return .nothing }
            return withinProbeBudget(nextInStep(at: now), at: now)
        }
    }

    /// The lane in which this rotation goes on by itself.
    package var lane: Lane { .step(step) }

    private func nextInStep(at now: Date) -> Decision {
        guard stuckReason == nil else { return .hold }
        if let refusal = reasonToTurn { return notRestoring(refusal, at: now) }
        if let retryAt, now < retryAt { return .wait(until: retryAt) }
        if let intent { return .perform(intent.effect.look ?? intent.effect) }
        switch step {
        case .admit: return .nothing
        case .stage: return nextStage
        case .apply: return notRestoring(nextApply, at: now)
        case .prove:
            return plan.target == nil || candidate.isProved ? .finish(.prove) : .perform(.prove)
        case .promote: return nextPromotion ?? .finish(.promote)
        case .refresh: return nextRefresh ?? .finish(.refresh)
        case .verify:
            return nextEvidence(fedBy: .vault) ?? notRestoring(nextApproval(at: now), at: now)
        case .complete: return .finish(.complete)
        case .hook:
            return requiredHooksSucceeded || isPastRevokeBy ? .finish(.hook) : .hold
        case .retire: return nextRetire(at: now)
        case .close: return nextClose(at: now)
        case .restore: return nextRestore(at: now)
        }
    }

    /// A compromised value is never restored, nor one that has ended: a person decides.
    private func notRestoring(_ decision: Decision, at now: Date) -> Decision {
        guard case .giveUp(let why) = decision else { return decision }
        if reason.isCompromise { return .getStuck(why) }
        guard hasPromoted, isPreviousOver(at: now) else { return decision }
        return .getStuck("\(why), and the previous credential has ended")
    }

    /// How long a step that changes nothing yet lets itself be told to come again later: a day, in
    /// which a vault that takes 300 writes in ten seconds takes two and a half million.
    private static let longestHoldSeconds = 86_400.0

    /// Whether the last failure, or a deadline, ends the attempt to go on.
    ///
    /// After the deadline of a compromise only what cannot succeed does: the old credential is
    /// dead or about to be, and one that is replaced in place dies by the new value alone.
    private var reasonToTurn: Decision? {
        let policy = plan.policy
        switch step {
        case .admit, .complete, .hook: return nil
        case .stage, .apply:
            guard let failure = lastFailure, failure.kind != .refused else { return nil }
            let isSpent =
                failures >= policy.callAttempts
                || wasDeniedAfter(seconds: Self.longestHoldSeconds)
            let isHopeless = failure.kind == .permanent || isSpent && !isPastRevokeBy
            return isHopeless ? .giveUp("\(step): \(failure.reason)") : nil
        case .prove:
            guard let failure = lastFailure else { return nil }
            let isLate = wasDeniedAfter(seconds: policy.proveDeadlineSeconds) && !isPastRevokeBy
            guard failure.kind == .permanent || isLate else { return nil }
            return .giveUp("prove: \(failure.reason)")
        case .promote:
            guard let failure = lastFailure, failure.kind == .permanent else { return nil }
            let why = "promote: \(failure.reason)"
            return hasPromoted ? .getStuck(why) : .giveUp(why)
        case .refresh, .verify:
            if case .rejected(let by) = approval { return .giveUp("rejected by \(by)") }
            guard case .notAsked = approval else { return nil }
            let isLate = wasDeniedAfter(seconds: policy.verifyDeadlineSeconds)
            guard isLate || lastFailure?.kind == .permanent else { return nil }
            let why = lastFailure?.reason ?? missingEvidence ?? "the evidence did not come in time"
            return .giveUp("\(step): \(why)")
        case .retire, .close, .restore:
            if isShutTooLong {
                return .getStuck("\(step): \(missingEvidence ?? oldInUse)")
            }
            guard let failure = lastFailure, failure.kind == .permanent else { return nil }
            return .getStuck("\(step): \(failure.reason)")
        }
    }

    private var nextStage: Decision {
        if plan.strategy.targetMakesValue || candidate.staged != nil { return .finish(.stage) }
        return .perform(.stageGenerated)
    }

    private var nextApply: Decision {
        guard plan.target != nil else { return .finish(.apply) }
        if !candidate.mayTry(plan.policy) {
            return .giveUp("apply: no value of \(plan.policy.valueAttempts) was taken")
        }
        guard checks.carriersWritable else { return .perform(.checkCarriers) }
        if plan.strategy.targetMakesValue { return nextIssue }
        if candidate.isRefused { return .perform(.probeInstalled) }
        return candidate.isApplied ? .finish(.apply) : .perform(.install)
    }

    private var nextIssue: Decision {
        if let orphan = candidate.orphans.first { return .perform(.withdraw(orphan)) }
        if candidate.staged != nil { return .finish(.apply) }
        if candidate.issued != nil { return .perform(.stageIssued) }
        if plan.strategy == .addThenRemove { return .perform(.issue) }
        guard let idle = candidate.account else { return .perform(.inspectKeys) }
        return .perform(.regenerate(idle))
    }

    /// The next carrier of the present pass that is not written; nil once all are.
    var nextPromotion: Decision? {
        for (index, carrier) in carriers.enumerated() where carrier.pass < pass {
            guard currentPass.audience.includes(plan.carriers[index].audience) else { continue }
            return .perform(carrier.isConfirmed ? .writeCarrier(index) : .readCarrier(index))
        }
        return nil
    }

    /// The next workload to reload, wave by wave; nil once all have.
    var nextRefresh: Decision? {
        for index in workloadsInWaves where workloads[index].refreshedPass < duePass(of: index) {
            let wave = plan.workloads[index].wave
            let behind = workloadsInWaves.first {
                plan.workloads[$0].wave < wave && workloads[$0].evidencePass < duePass(of: $0)
                    && !isPastRevokeBy
            }
            return .perform(behind.map { .observe($0) } ?? .refresh(index))
        }
        return nil
    }

    private var workloadsInWaves: [Int] {
        workloads.indices
            .filter { plan.workloads[$0].deliveredBy == .vault }
            .sorted { (plan.workloads[$0].wave, $0) < (plan.workloads[$1].wave, $1) }
    }

    private func nextApproval(at now: Date) -> Decision {
        guard plan.policy.needsApproval, !reason.isCompromise,
            pass == plan.strategy.passesBeforeComplete
        else {
            return .finish(.verify)
        }
        switch approval {
        case .notAsked: return .askForApproval
        case .approved: return .finish(.verify)
        case .rejected(let by): return .giveUp("rejected by \(by)")
        case .asked(let date):
            let deadline = plan.gateEnd(askedAt: date)
            return now < deadline ? .wait(until: deadline) : .giveUp("nobody approved in time")
        }
    }
}
