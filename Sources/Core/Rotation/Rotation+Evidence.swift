package import Foundation

// What keeps a rotation from going on while workloads have not shown enough, and who that is.
extension Rotation {
    /// The next workload whose evidence is missing; nil once all is there.
    ///
    /// After the deadline of a compromise nothing waits for evidence.
    func nextEvidence(fedBy feed: PlannedWorkload.Feed) -> Decision? {
        guard !isPastRevokeBy else { return nil }
        let missing = workloads.indices.first { isMissing($0, fedBy: feed) }
        return missing.map { .perform(.observe($0)) }
    }

    /// Who has not shown enough by now, with what each showed; nil where nobody is asked.
    var missingEvidence: String? {
        let feeds: [PlannedWorkload.Feed] = asksHookFed ? [.vault, .hook] : [.vault]
        let missing = workloads.indices.filter { index in
            feeds.contains { isMissing(index, fedBy: $0) }
        }
        guard !missing.isEmpty, !isPastRevokeBy else { return nil }
        return missing.map { index in
            let (planned, shown) = (plan.workloads[index], workloads[index])
            let remark = shown.remark.map { ", \($0)" } ?? ""
            return "workload \(planned.name) showed \(shown.evidence) of \(planned.needs)\(remark)"
        }.joined(separator: "; ")
    }

    var oldInUse: String {
        "account \(plan.previousAccount?.text ?? "unknown") is still in use"
    }

    /// Whether retire or restore was told no for so long that somebody has to look.
    ///
    /// Both credentials stay accepted meanwhile; what is over is the silence about it.
    var isShutTooLong: Bool {
        guard let shutAt = checks.shutAt, !isPastRevokeBy else { return false }
        var opened = times.stepBeganAt
        if step == .retire, let completedAt = times.completedAt, !reason.isCompromise {
            opened = max(opened, completedAt + plan.policy.graceSeconds)
        }
        return shutAt.timeIntervalSince(opened) > plan.policy.verifyDeadlineSeconds
    }

    /// Whether somebody was asked after so many seconds of the present step, and did not say yes.
    ///
    /// A worker that was away when a deadline passed asks once more before it gives up.
    func wasDeniedAfter(seconds: Double) -> Bool {
        let end = times.stepBeganAt + seconds
        return [checks.shutAt, checks.failedAt].contains { $0.map { $0 > end } ?? false }
    }

    private func isMissing(_ index: Int, fedBy feed: PlannedWorkload.Feed) -> Bool {
        plan.workloads[index].deliveredBy == feed
            && workloads[index].evidencePass < duePass(of: index)
    }

    /// The last pass that workloads can have followed: the present one once its carriers are
    /// written.
    var followedPass: Int { nextPromotion == nil ? pass : pass - 1 }

    /// The last pass that a workload has to have followed by now; 0 where none concerned it.
    ///
    /// It may be one before the present: who joined late catches up. Going back, what was handed on
    /// before does not count any more.
    func duePass(of index: Int) -> Int {
        let audience = plan.workloads[index].audience
        let last = passes.prefix(followedPass).lastIndex { pass in
            pass.audience.includes(audience) && (!isGoingBack || pass.content == .previous)
        }
        return last.map { $0 + 1 } ?? 0
    }

    /// How long ago the target began to accept what is to be shown, where sessions can be older.
    ///
    /// Going back to an account of its own, older sessions are as good.
    package func secondsSinceAccepted(at now: Date) -> Double? {
        let since: Date? =
            if !isGoingBack { times.appliedAt } else if plan.strategy == .replace {
                times.reinstalledAt
            } else { nil }
        return since.map { now.timeIntervalSince($0) }
    }
}
