/// What one place of the configuration says about rotation; nil leaves it to the place before.
package struct PolicyLayer: Codable, Equatable, Sendable {
    package var isEnabled: Bool?
    package var lifetimeSeconds: Double?
    package var thresholdSeconds: Double?
    package var graceSeconds: Double?
    package var notifiesNearExpiry: Bool?
    package var needsApproval: Bool?
    package var window: MaintenanceWindow?
    package var generator: GeneratorPolicy?
    package var proveDeadlineSeconds: Double?
    package var verifyDeadlineSeconds: Double?
    package var hookDeadlineSeconds: Double?
    package var approvalDeadlineSeconds: Double?
    package var callDeadlineSeconds: Double?
    package var valueAttempts: Int?
    package var callAttempts: Int?
    package var probesPerHour: Int?
    package var firstBackoffSeconds: Double?
    package var longestBackoffSeconds: Double?

    package init() {}
}
