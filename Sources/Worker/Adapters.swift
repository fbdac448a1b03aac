package import RekeyCore
package import RekeyPorts

/// The outside systems of one installation, by their names in the configuration.
package struct Adapters: Sendable {
    package var vaults: [VaultName: any Vault]
    package var targets: [TargetName: any Target]
    package var workloads: [WorkloadName: any Workload]
    package var hooks: [HookName: any Hook]

    package init(
        vaults: [VaultName: any Vault] = [:],
        targets: [TargetName: any Target] = [:],
        workloads: [WorkloadName: any Workload] = [:],
        hooks: [HookName: any Hook] = [:]
    ) {
        self.vaults = vaults
        self.targets = targets
        self.workloads = workloads
        self.hooks = hooks
    }

    func vault(_ name: VaultName) throws(StepFailure) -> any Vault {
        guard let vault = vaults[name] else {
            throw StepFailure(.permanent, "vault \(name) is not configured")
        }
        return vault
    }

    /// Where others find a version of a carrier; nil where its vault does not say.
    func uri(of version: VersionID, _ reference: SecretReference) -> String? {
        (vaults[reference.vault] as? any AddressedVault)?.uri(of: version, reference.name)
    }

    func target(_ name: TargetName?) throws(StepFailure) -> any Target {
        guard let name, let target = targets[name] else {
            throw StepFailure(.permanent, "target \(name?.text ?? "none") is not configured")
        }
        return target
    }

    func workload(_ name: WorkloadName) throws(StepFailure) -> any Workload {
        guard let workload = workloads[name] else {
            throw StepFailure(.permanent, "workload \(name) is not configured")
        }
        return workload
    }

    func hook(_ name: HookName) throws(StepFailure) -> any Hook {
        guard let hook = hooks[name] else {
            throw StepFailure(.permanent, "hook \(name) is not configured")
        }
        return hook
    }
}
