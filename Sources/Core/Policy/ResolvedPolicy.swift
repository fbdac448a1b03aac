/// A policy with every setting decided, and where each was said.
package struct ResolvedPolicy: Codable, Equatable, Sendable {
    package private(set) var rotation = RotationPolicy()
    /// When routine rotations may begin; nil is always.
    package private(set) var window: MaintenanceWindow?
    package private(set) var isEnabled = true
    package private(set) var notifiesNearExpiry = false
    /// Has every field.
    package private(set) var origins: [PolicyField: PolicyOrigin]

    /// Lays `layers` over Rekey's own settings, the later over the earlier.
    ///
    /// The order is default, environment, kind, secret.
    package init(layers: [(origin: PolicyOrigin, layer: PolicyLayer)] = []) {
        origins = Dictionary(uniqueKeysWithValues: PolicyField.allCases.map { ($0, .builtIn) })
        for (origin, layer) in layers { lay(layer, from: origin) }
        if origins[.updateThreshold] == .builtIn {
            // A short life would else be due as soon as it begins.
            let third = DueDate.thirdOfLife(rotation.lifetimeSeconds)
            rotation.thresholdSeconds = min(rotation.thresholdSeconds, third)
        }
    }

    private mutating func lay(_ layer: PolicyLayer, from origin: PolicyOrigin) {
        take(layer.isEnabled, as: .enabled, origin, into: \.isEnabled)
        take(layer.lifetimeSeconds, as: .lifetime, origin, into: \.rotation.lifetimeSeconds)
        take(
            layer.thresholdSeconds,
            as: .updateThreshold,
            origin,
            into: \.rotation.thresholdSeconds
        )
        take(layer.graceSeconds, as: .grace, origin, into: \.rotation.graceSeconds)
        take(layer.notifiesNearExpiry, as: .notifyNearExpiry, origin, into: \.notifiesNearExpiry)
        take(layer.needsApproval, as: .approval, origin, into: \.rotation.needsApproval)
        take(layer.window.map(Optional.some), as: .window, origin, into: \.window)
        take(layer.generator, as: .generator, origin, into: \.rotation.generator)
        layLimits(layer, from: origin)
    }

    private mutating func layLimits(_ layer: PolicyLayer, from origin: PolicyOrigin) {
        let seconds: [(Double?, PolicyField, WritableKeyPath<ResolvedPolicy, Double>)] = [
            (layer.proveDeadlineSeconds, .proveDeadline, \.rotation.proveDeadlineSeconds),
            (layer.verifyDeadlineSeconds, .verifyDeadline, \.rotation.verifyDeadlineSeconds),
            (layer.hookDeadlineSeconds, .hookDeadline, \.rotation.hookDeadlineSeconds),
            (layer.approvalDeadlineSeconds, .approvalDeadline, \.rotation.approvalDeadlineSeconds),
            (layer.callDeadlineSeconds, .callDeadline, \.rotation.callDeadlineSeconds),
            (layer.firstBackoffSeconds, .firstBackoff, \.rotation.firstBackoffSeconds),
            (layer.longestBackoffSeconds, .longestBackoff, \.rotation.longestBackoffSeconds),
        ]
        for (value, field, path) in seconds {
            take(value, as: field, origin, into: path)
        }
        take(layer.valueAttempts, as: .valueAttempts, origin, into: \.rotation.valueAttempts)
        take(layer.callAttempts, as: .callAttempts, origin, into: \.rotation.callAttempts)
        take(layer.probesPerHour, as: .probesPerHour, origin, into: \.rotation.probesPerHour)
    }

    private mutating func take<Value>(
        _ value: Value?,
        as field: PolicyField,
        _ origin: PolicyOrigin,
        into path: WritableKeyPath<ResolvedPolicy, Value>
    ) {
        guard let value else { return }
        self[keyPath: path] = value
        origins[field] = origin
    }
}
