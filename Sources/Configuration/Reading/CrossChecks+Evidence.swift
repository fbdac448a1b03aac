import RekeyCore

extension CrossChecks {
    /// Sessions are seen by a target that has some.
    func checkEvidence(_ entry: SecretEntry) {
        if case .postgres = entry.target { return }
        for workload in entry.definition.workloads where workload.sessions != nil {
            let problem = "workload `\(workload.name)` has `sessions`, which only `postgres` sees"
            entry.section.findings.add(problem, at: entry.section.place("workloads"))
        }
    }
}
