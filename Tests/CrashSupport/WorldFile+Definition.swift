package import RekeyCore

extension WorldFile {
    /// The one credential of the world, as the configuration would declare it.
    package var definition: CredentialDefinition {
        let isTargetless = strategy == .valueOnly
        let isApplication = strategy == .addThenRemove
        return CredentialDefinition(
            id: "orders",
            strategy: strategy,
            target: isTargetless ? nil : "target",
            staging: SecretReference(vault: "staging", name: SecretName(Self.staged)),
            carriers: carriers,
            workloads: isTargetless
                ? [
                    PlannedWorkload(Self.gate, audience: .verifiers),
                    PlannedWorkload(Self.caller, audience: .callers),
                ] : [PlannedWorkload(Self.caller)],
            hooks: isApplication ? [PlannedHook(HookName(Self.hook), kind: "automation")] : [],
            policy: RotationPolicy(
                graceSeconds: 0.1,
                verifyDeadlineSeconds: 120,
                callAttempts: 20,
                callDeadlineSeconds: pace?.callDeadlineSeconds ?? 2,
                firstBackoffSeconds: 0.05,
                longestBackoffSeconds: 0.5
            )
        )
    }

    private var carriers: [PlannedCarrier] {
        let own = SecretReference(vault: "app", name: SecretName(Self.secret))
        guard strategy == .valueOnly else {
            return [PlannedCarrier(own, format: postgres == nil ? .bare : .url)]
        }
        return [
            PlannedCarrier(
                SecretReference(vault: "app", name: SecretName(Self.verifiers)),
                format: .list(separator: .comma),
                audience: .verifiers
            ),
            PlannedCarrier(own, audience: .callers),
        ]
    }

    /// What a workload holds, by its file.
    package func workload(_ name: WorkloadName) -> FileWorkload {
        FileWorkload(path: "\(workloads)/\(name).json")
    }

    /// Who signs in with the credential, or sends the value.
    package static let caller: WorkloadName = "shop"
    /// Who checks a value that has no target.
    package static let gate: WorkloadName = "gate"
}
