import Foundation

extension Rotation {
    /// Takes in what an effect showed.
    mutating func fold(_ observation: Observation, at: Date) {
        if !observation.isBesideSteps { settleFailures(after: observation) }
        switch observation {
        case .staged, .notStaged, .carriersWritable, .installed, .probed, .proved,
            .previousReinstalled:
            foldValue(observation, at: at)
        case .issued, .issuedFound, .keys, .valueLost, .withdrawn:
            foldIssue(observation, at: at)
        case .carrierRead(let index, let latest, let isOurs):
            read(index, latest: latest, isOurs: isOurs, at: at)
        case .carrierWritten(let index, let version):
            carriers[index].latest = version
            carriers[index].pass = pass
            carriers[index].isRebasing = false
            // What is revoked later is revoked after another look.
            carriers[index].isConfirmed = false
            intent = nil
        case .refreshed(let index):
            workloads[index].refreshedPass = followedPass
            times.lastRefreshedAt = at
            intent = nil
        case .evidence(let index, let level, let remark): show(index, level, remark, at: at)
        case .hookStarted(let index), .hookRunning(let index):
            hooks[index].state = .running
            hooks[index].intent = nil
            hooks[index].retryAt = at + plan.policy.firstBackoffSeconds
        case .hookNotStarted(let index):
            hooks[index].state = .waiting
            hooks[index].intent = nil
        case .hookEnded(let index, let end): endHook(index, end, at: at)
        case .revoked, .revokedLooked: foldRevocation(observation)
        case .silence, .retired, .retiredLooked, .stagedDisabled, .closingListed:
            foldEnd(observation, at: at)
        }
        if step == .restore { goOnBack() }
    }

    /// All is looked at once more before the next attempt to end a credential.
    mutating func noteFailedEnd() {
        checks.hasFailedToEnd = true
        forgetLooks()
    }

    /// What is looked at once more because an end failed is no success: the target would be asked
    /// again as soon as it was at first, for as long as it fails.
    private mutating func settleFailures(after observation: Observation) {
        retryAt = nil
        if checks.hasFailedToEnd == true, observation.isLookBeforeEnd { return }
        checks.hasFailedToEnd = nil
        failures = 0
        lastFailure = nil
    }

    /// Going back takes as many passes as there are audiences that must not be ahead of another.
    mutating func goOnBack() {
        while pass < passes.count, currentPass.content == .previous, nextPromotion == nil,
            nextRefresh == nil, nextEvidence(fedBy: .vault) == nil
        {
            pass += 1
            for index in carriers.indices { carriers[index].isConfirmed = false }
        }
    }

    private mutating func foldValue(_ observation: Observation, at: Date) {
        switch observation {
        case .staged(let version):
            candidate.staged = version
            if plan.strategy.targetMakesValue { candidate.isApplied = true }
            intent = nil
        // A staged version is read by its id, so a write that still lands later is harmless.
        case .notStaged: intent = nil
        case .carriersWritable: checks.carriersWritable = true
        case .installed: install(at: at)
        case .probed(let isLive, let isPreviousLive):
            countProbe(at: at)
            probe(isLive, isPreviousLive, at: at)
        case .proved:
            if step == .retire { checks.reproved = true } else { candidate.isProved = true }
        case .previousReinstalled:
            checks.reinstalled = true
            times.reinstalledAt = at
            candidate.mayBeLive = false
            intent = nil
        default: break  // `fold` sends only the cases above.
        }
    }

    private mutating func install(at: Date) {
        candidate.isApplied = true
        candidate.isRefused = false
        candidate.mayBeLive = true
        // Where a process died over the call, it took effect long before anybody saw that.
        times.appliedAt = times.appliedAt ?? intent?.openedAt ?? at
        intent = nil
        if plan.strategy.overlaps, let old = plan.previousAccount { oweUnlessEnded(old, at: at) }
    }

    private mutating func probe(_ isLive: Bool, _ isPreviousLive: Bool, at: Date) {
        if step == .restore {
            checks.reinstalled = isPreviousLive && !isLive
            if checks.reinstalled { times.reinstalledAt = at }
            candidate.mayBeLive = isLive
            if !isLive { forgive(candidate.account) }
            intent = nil
            return
        }
        guard !isLive else { return install(at: at) }
        intent = nil
        candidate.mayBeLive = false
        guard candidate.isRefused else { return }
        // Refused, and proven not live: another value, and another attempt.
        candidate.isRefused = false
        candidate.attempt += 1
        candidate.discardStaged()
        if candidate.mayTry(plan.policy) { step = .stage }
    }

    private mutating func foldIssue(_ observation: Observation, at: Date) {
        switch observation {
        case .issued(let account):
            candidate.issued = account
            candidate.account = account
            candidate.mayBeLive = true
            intent = nil
            times.appliedAt = times.appliedAt ?? at
            // Going back it is the new one that has to go, and the old one stays.
            if let owed = isGoingBack ? account : plan.previousAccount {
                oweUnlessEnded(owed, at: at)
            }
        case .issuedFound(let accounts):
            guard !accounts.isEmpty else { return settleAbsence(at: at) }
            candidate.orphans = accounts
            candidate.mayBeLive = true
            intent = nil
        case .keys(let current, let idle, let idleChanged):
            plan.previousAccount = plan.previousAccount ?? current
            candidate.account = candidate.account ?? idle
            guard case .regenerate = intent?.effect else { return }
            if idleChanged { fold(.issued(idle), at: at) } else { settleAbsence(at: at) }
        case .valueLost:
            candidate.orphans = candidate.issued.map { [$0] } ?? []
            candidate.issued = nil
            intent = nil
        case .withdrawn(let account):
            candidate.orphans.removeAll { $0 == account }
            intent = nil
            if candidate.orphans.isEmpty { forgetIssue() }
        default: break  // `fold` sends only the cases above.
        }
    }

    /// Absence counts only once the call that may still land has certainly ended.
    private mutating func settleAbsence(at: Date) {
        guard let open = intent else { return }
        guard at >= open.deadline else {
            retryAt = open.deadline
            return
        }
        intent = nil
        candidate.orphans = []
        candidate.mayBeLive = false
        if isGoingBack { forgive(candidate.account) }
        if case .withdraw = open.effect { forgetIssue() }
    }

    private mutating func forgetIssue() {
        forgive(isGoingBack ? candidate.account : plan.previousAccount)
        candidate.attempt += 1
        candidate.account = nil
        candidate.issued = nil
        candidate.discardStaged()
        candidate.mayBeLive = false
    }

    private mutating func read(_ index: Int, latest: VersionID?, isOurs: Bool, at: Date) {
        var written = pass
        if let open = intent, case .writeCarrier(index) = open.effect {
            written = open.pass
            // A write that lands later carries the same value and tag; going back waits for it.
            if !isOurs, isGoingBack, at < open.deadline {
                retryAt = open.deadline
                return
            }
            if !isOurs { writesEndAt = max(writesEndAt ?? open.deadline, open.deadline) }
            intent = nil
        }
        guard isOurs || latest == carriers[index].latest || carriers[index].isRebasing else {
            stuckReason = "drift: somebody else wrote \(plan.carriers[index].reference)"
            return
        }
        carriers[index].latest = latest
        carriers[index].isConfirmed = true
        // It was about this version.
        carriers[index].isRebasing = false
        if isOurs { carriers[index].pass = written }
    }

    private mutating func show(
        _ index: Int,
        _ level: EvidenceLevel,
        _ remark: String?,
        at: Date
    ) {
        workloads[index].evidence = level
        workloads[index].remark = remark
        checks.shutAt = level < plan.workloads[index].needs ? at : nil
        if level >= plan.workloads[index].needs {
            workloads[index].evidencePass = followedPass
        } else {
            askAgain(after: at)
        }
    }

    private mutating func askAgain(after date: Date) {
        let spent = date.timeIntervalSince(times.stepBeganAt)
        retryAt = date + plan.policy.askingSeconds(afterSeconds: spent)
    }

    mutating func endHook(_ index: Int, _ hookEnd: HookEnd, at: Date) {
        hooks[index].intent = nil
        hooks[index].retryAt = nil
        switch hookEnd {
        case .succeeded(let evidence):
            hooks[index].state = .succeeded(evidence)
            let feeds = plan.workloads.contains { $0.deliveredBy == .hook }
            if feeds, plan.hooks[index].isRequired { times.lastRefreshedAt = at }
        case .failed(let reason): hooks[index].state = .failed(reason)
        }
        if step == .hook, requiredHooksSucceeded { startRetiring(at: at) }
        // Whom it feeds could show nothing before.
        if step == .retire, hasJoined(hook: index) { times.stepBeganAt = at }
    }

    private mutating func foldEnd(_ observation: Observation, at: Date) {
        switch observation {
        case .silence(let silence):
            checks.isSilent = silence != .inUse
            checks.shutAt = silence == .inUse ? at : nil
            if silence == .inUse { askAgain(after: at) }
        case .retired(let account): settleRetired(account)
        case .retiredLooked(let isAccepted):
            guard case .retire(let account) = intent?.effect else { return }
            guard isAccepted else { return settleRetired(account) }
            intent = nil
            forgetLooks()
        case .stagedDisabled:
            checks.disabled = true
            intent = nil
        case .closingListed(let strays):
            checks.listed = true
            checks.strays = strays
            for stray in strays { owe(stray, at: at) }
        default: break  // `fold` sends only the cases above.
        }
    }

    private mutating func settleRetired(_ account: AccountID) {
        // What was inherited is no answer about the previous credential.
        if !isInherited(account) { checks.retired = true }
        pay(account)
        intent = nil
        if isGoingBack {
            candidate.mayBeLive = false
            candidate.issued = nil
        }
    }
}

extension Observation {
    /// Whether it is one of those that are made again before each attempt to end a credential.
    fileprivate var isLookBeforeEnd: Bool {
        switch self {
        case .carrierRead, .proved, .retiredLooked: true
        default: false
        }
    }

    fileprivate var isBesideSteps: Bool {
        switch self {
        case .hookStarted, .hookRunning, .hookNotStarted, .hookEnded, .revoked, .revokedLooked:
            true
        default: false
        }
    }
}
