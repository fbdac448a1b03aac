/// A credential as the configuration declares it, with its policy resolved.
package struct CredentialDefinition: Sendable, Equatable {
    package var id: CredentialID
    package var environment: String?
    package var strategy: Strategy
    package var target: TargetName?
    package var staging: SecretReference
    package var carriers: [PlannedCarrier]
    package var workloads: [PlannedWorkload]
    package var hooks: [PlannedHook]
    package var policy: RotationPolicy
    /// When routine rotations may begin by themselves; nil is always.
    package var window: MaintenanceWindow?
    /// Whether routine rotations are wanted at all.
    package var isEnabled: Bool
    /// Whether to tell somebody when the end is near.
    package var notifiesNearExpiry: Bool

    package init(
        id: CredentialID,
        environment: String? = nil,
        strategy: Strategy,
        target: TargetName?,
        staging: SecretReference,
        carriers: [PlannedCarrier],
        workloads: [PlannedWorkload] = [],
        hooks: [PlannedHook] = [],
        policy: RotationPolicy = RotationPolicy(),
        window: MaintenanceWindow? = nil,
        isEnabled: Bool = true,
        notifiesNearExpiry: Bool = false
    ) {
        self.id = id
        self.environment = environment
        self.strategy = strategy
        self.target = target
        self.staging = staging
        self.carriers = carriers
        self.workloads = workloads
        self.hooks = hooks
        self.policy = policy
        self.window = window
        self.isEnabled = isEnabled
        self.notifiesNearExpiry = notifiesNearExpiry
    }
}
