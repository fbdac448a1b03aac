package import RekeyCore

/// What no event may do, whatever came before it.
package enum RotationRules {
    package static func broken(
        by event: RotationEvent,
        from before: Rotation,
        to after: Rotation
    ) -> [String] {
        var wrong: [String] = []
        switch event {
        case .intended(let effect, _, _):
            wrong += brokenByIntent(of: effect, before)
            if before.intent(inLaneOf: effect) != nil { wrong.append("two open intents") }
        case .finished(.complete, _):
            if before.times.completedAt != nil { wrong.append("completed twice") }
        case .gaveUp:
            if before.reason.isCompromise { wrong.append("a compromised value is restored") }
        default: break  // The others do nothing outside.
        }
        if after.isOver { wrong += brokenAtEnd(after) }
        return wrong
    }

    private static func brokenByIntent(of effect: Effect, _ before: Rotation) -> [String] {
        switch effect {
        case .install where before.candidate.staged == nil || !before.checks.carriersWritable,
            .issue where !before.checks.carriersWritable,
            .regenerate where !before.checks.carriersWritable:
            ["the target is changed before the value is safe"]
        case .regenerate(let slot) where slot == before.plan.previousAccount:
            ["the key in use is regenerated"]
        case .writeCarrier where !mayWrite(before): ["written before it was proved"]
        case .writeCarrier where before.currentPass.audience == .verifiers:
            brokenByDropping(before)
        case .retire(let account): brokenByRetiring(account, before)
        case .revoke where !before.isPastRevokeBy: ["revoked before its deadline"]
        case .revoke(let account) where account == before.candidate.account:
            ["the surviving credential is revoked"]
        case .revoke where before.plan.strategy == .replace: ["the only credential is revoked"]
        case .withdraw(let account) where account == before.plan.previousAccount:
            ["the previous credential is withdrawn"]
        default: []  // The others end nothing and hand nothing on.
        }
    }

    private static func mayWrite(_ before: Rotation) -> Bool {
        if before.currentPass.content == .previous { return before.isGoingBack }
        guard before.candidate.staged != nil else { return false }
        return before.plan.target == nil || before.candidate.isProved
    }

    /// Nothing is revoked before every carrier was read again, and evidence and hooks are there.
    private static func brokenByRetiring(_ account: AccountID, _ before: Rotation) -> [String] {
        var wrong: [String] = []
        let survivor = before.isGoingBack ? before.plan.previousAccount : before.candidate.account
        if account == survivor { wrong.append("the surviving credential is revoked") }
        if !before.carriers.allSatisfy(\.isConfirmed) {
            wrong.append("revoked, and not read again")
        }
        guard !before.isGoingBack || before.hasPromoted else { return wrong }
        let isWritten = before.carriers.allSatisfy { $0.pass == before.pass }
        if !isWritten { wrong.append("revoked before every carrier was written") }
        // After the deadline of a compromise the old one dies whatever evidence is missing.
        if before.isPastRevokeBy { return wrong }
        let hasEvidence = before.workloads.allSatisfy { $0.evidencePass == before.pass }
        if !hasEvidence { wrong.append("revoked without evidence") }
        if before.isGoingBack {
            let isHookDue = zip(before.plan.hooks, before.hooks).contains { planned, hook in
                hook.isRerun && !(planned.isRequired ? hook.hasSucceeded : hook.hasEnded)
            }
            if isHookDue { wrong.append("revoked before the hooks ran again") }
        } else {
            if !before.requiredHooksSucceeded { wrong.append("revoked before a required hook") }
            if !before.checks.reproved { wrong.append("revoked without another proof") }
            if !before.checks.isSilent { wrong.append("revoked while in use") }
        }
        return wrong
    }

    /// Verifiers drop nothing that a caller may send: who came late is a caller, too.
    private static func brokenByDropping(_ before: Rotation) -> [String] {
        let isLast =
            before.isGoingBack
            ? before.pass == before.passes.count
            : before.pass > before.plan.strategy.passesBeforeComplete
        guard isLast, !before.isPastRevokeBy else { return [] }
        var wrong: [String] = []
        for (planned, shown) in zip(before.plan.workloads, before.workloads)
        where planned.audience != .verifiers && shown.evidencePass < before.pass - 1 {
            wrong.append("dropped without evidence of \(planned.name)")
        }
        if !before.isGoingBack, !before.requiredHooksSucceeded {
            wrong.append("dropped before a required hook")
        }
        return wrong
    }

    private static func brokenAtEnd(_ after: Rotation) -> [String] {
        var wrong: [String] = []
        if after.intent != nil { wrong.append("over with an open intent") }
        let unpaid = after.debts.filter { !$0.isPaid && $0.account != "stray" }
        if !unpaid.isEmpty { wrong.append("over with \(unpaid.count) unpaid debts") }
        let survivor = after.end == .closed ? after.candidate.account : after.plan.previousAccount
        if after.debts.contains(where: { $0.account == survivor }) {
            wrong.append("the surviving credential is a debt")
        }
        if after.end == .rolledBack, after.candidate.mayBeLive {
            wrong.append("rolled back, and the candidate may be live")
        }
        if after.candidate.staged != nil, !after.checks.disabled {
            wrong.append("over with a staged version enabled")
        }
        return wrong
    }
}
