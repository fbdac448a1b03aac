import RekeyCore

extension CrossChecks {
    /// Sessions are seen by a target that has some.
    func checkEvidence(_ entry: SecretEntry) {
        warnOfPlainAnswers(entry)
        if case .postgres = entry.target { return }
        for workload in entry.definition.workloads where workload.sessions != nil {
            let problem = "workload `\(workload.name)` has `sessions`, which only `postgres` sees"
            entry.section.findings.add(problem, at: entry.section.place("workloads"))
        }
    }

    /// An application that says it is well may hold the old value still; where the target does not
    /// see it in use either, it is revoked after `grace` all the same.
    private func warnOfPlainAnswers(_ entry: SecretEntry) {
        guard entry.definition.strategy.overlaps else { return }
        if case .postgres = entry.target { return }
        for planned in entry.definition.workloads {
            guard let workload = context.workloads[planned.name.text], !workload.showsItsValue
            else { continue }
            let problem =
                "workload `\(planned.name)` shows that it is well, not which value it holds: give "
                + "a check `equals` with {version}, or a `challenge`; or be sure of its `cache`"
            entry.section.findings.warn(problem, at: entry.section.place("workloads"))
        }
    }
}

extension WorkloadSettings {
    /// Whether anything that it is asked is answered otherwise with the old value.
    ///
    /// How long a value is kept at most is known where `cache` says so.
    fileprivate var showsItsValue: Bool {
        guard cacheSeconds == 0, case .http(let http) = kind else {
            return true
        }
        return http.challengeURL != nil
            || http.checks.contains { $0.equals?.contains("{version}") == true }
    }
}
