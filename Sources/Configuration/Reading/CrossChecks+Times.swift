import RekeyCore

extension CrossChecks {
    /// Key Vault tells of a near expiry 30 days before, whatever the policy says.
    private static let nearExpirySeconds = 30.0 * 86_400

    func checkTimes(_ entry: SecretEntry) {
        let policy = entry.definition.policy
        let findings = entry.section.findings
        let place = entry.section.place(entry.section.has("policy") ? "policy" : "name")
        if policy.thresholdSeconds >= policy.lifetimeSeconds {
            findings.add("due again at once: `updateThreshold` is not under `lifetime`", at: place)
        }
        if policy.firstBackoffSeconds > policy.longestBackoffSeconds {
            findings.add("`firstBackoff` is over `longestBackoff`", at: place)
        }
        if policy.lifetimeSeconds <= Self.nearExpirySeconds {
            let problem = "events near expiry come at once for 30d or less; the threshold decides"
            findings.warn(problem, at: place)
        }
        let gate = policy.needsApproval ? policy.approvalDeadlineSeconds : 0
        let needed = gate + policy.secondsAfterGate(with: entry.definition.hooks)
        if needed > policy.thresholdSeconds {
            let parts = policy.needsApproval ? "approval, hooks and grace" : "hooks and grace"
            let problem =
                "\(parts) may take \(DurationText.text(needed)), longer than `updateThreshold`: "
                + "the old credential would end first"
            findings.add(problem, at: place)
        }
        checkGrace(entry, policy.graceSeconds, at: place)
    }

    /// Where old and new overlap, the old has to live as long as anybody may still send it.
    private func checkGrace(_ entry: SecretEntry, _ grace: Double, at place: Place) {
        guard entry.definition.strategy.overlaps else { return }
        let caching = entry.definition.workloads
            .compactMap { context.workloads[$0.name.text] }
            .filter { $0.cacheSeconds > grace }
        for workload in caching {
            let problem =
                "`grace` \(DurationText.text(grace)) is shorter than the "
                + "\(DurationText.text(workload.cacheSeconds)) cache of workload "
                + "`\(workload.name)`"
            entry.section.findings.add(problem, at: place)
        }
    }
}
