import RekeyCore
import RekeyPorts

extension Adapters {
    /// The same systems without a verb that changes anything: what `plan` and `check` are given.
    package var readOnly: Adapters {
        Adapters(
            vaults: vaults.mapValues { ReadOnlyVault(base: $0) },
            targets: targets.mapValues { ReadOnlyTarget(base: $0) },
            workloads: workloads.mapValues { ReadOnlyWorkload(base: $0) },
            hooks: hooks.mapValues { ReadOnlyHook(base: $0) }
        )
    }
}

/// What a plan may not do, refused before anything is sent.
private func refusal(_ verb: String) -> StepFailure {
    StepFailure(.permanent, "\(verb) is a change, and this only reads")
}

private struct ReadOnlyVault: Vault {
    let base: any Vault

    func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await base.latest(name)
    }

    func version(
        _ id: VersionID,
        of name: SecretName
    ) async throws(StepFailure) -> VaultVersion? {
        try await base.version(id, of: name)
    }

    func write(_ entry: VaultEntry, as name: SecretName) async throws(StepFailure) -> VersionID {
        throw refusal("write")
    }

    func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        throw refusal("disable")
    }

    func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        try await base.preflight(name)
    }
}

private struct ReadOnlyTarget: WatchingTarget {
    let base: any Target

    func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        try await base.inspect(current: current)
    }

    func prove(_ credential: Credential, like account: AccountID?) async throws(StepFailure) {
        try await base.prove(credential, like: account)
    }

    func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        try await base.accepts(credential)
    }

    func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        throw refusal("retire")
    }

    func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        try await base.silence(of: account)
    }

    func sessions(from origin: SessionOrigin) async throws(StepFailure) -> [TargetSession] {
        guard let base = base as? any WatchingTarget else {
            throw StepFailure(.permanent, "the target does not see who signs in")
        }
        return try await base.sessions(from: origin)
    }

    func preflight() async throws(StepFailure) -> [Finding] { try await base.preflight() }
}

private struct ReadOnlyWorkload: Workload {
    let base: any Workload
    var needsValue: Bool { base.needsValue }

    func refresh(_ order: WorkloadOrder) async throws(StepFailure) { throw refusal("refresh") }

    func observe(_ order: WorkloadOrder) async throws(StepFailure) -> Evidence {
        try await base.observe(order)
    }

    func preflight() async throws(StepFailure) -> [Finding] { try await base.preflight() }
}

private struct ReadOnlyHook: Hook {
    let base: any Hook
    var needsValue: Bool { base.needsValue }

    func start(_ order: HookOrder) async throws(StepFailure) { throw refusal("start") }

    func follow(_ order: HookOrder) async throws(StepFailure) -> HookProgressReport {
        try await base.follow(order)
    }

    func preflight() async throws(StepFailure) -> [Finding] { try await base.preflight() }
}
