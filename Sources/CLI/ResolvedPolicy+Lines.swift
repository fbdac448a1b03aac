import RekeyCore

extension ResolvedPolicy {
    /// Each setting, its value, and where that was said.
    var lines: [String] {
        PolicyField.allCases.map { field in
            let origin = origins[field] ?? .builtIn
            return "\(field.rawValue): \(value(of: field)) (\(origin))"
        }
    }

    private func value(of field: PolicyField) -> String {
        switch field {
        case .enabled: "\(isEnabled)"
        case .notifyNearExpiry: "\(notifiesNearExpiry)"
        case .lifetime: duration(rotation.lifetimeSeconds)
        case .updateThreshold: duration(rotation.thresholdSeconds)
        case .grace: duration(rotation.graceSeconds)
        case .approval: "\(rotation.needsApproval)"
        case .window: window == nil ? "at any time" : "within a window"
        case .generator: rotation.generator.text
        case .proveDeadline: duration(rotation.proveDeadlineSeconds)
        case .verifyDeadline: duration(rotation.verifyDeadlineSeconds)
        case .hookDeadline: duration(rotation.hookDeadlineSeconds)
        case .approvalDeadline: duration(rotation.approvalDeadlineSeconds)
        case .callDeadline: duration(rotation.callDeadlineSeconds)
        case .valueAttempts: "\(rotation.valueAttempts)"
        case .callAttempts: "\(rotation.callAttempts)"
        case .probesPerHour: "\(rotation.probesPerHour)"
        case .firstBackoff: duration(rotation.firstBackoffSeconds)
        case .longestBackoff: duration(rotation.longestBackoffSeconds)
        }
    }

    /// As the configuration writes it, in the largest unit that fits.
    private func duration(_ seconds: Double) -> String {
        for (unit, size) in [("d", 86_400.0), ("h", 3_600), ("m", 60), ("s", 1)]
        where seconds >= size && seconds.truncatingRemainder(dividingBy: size) == 0 {
            return "\(Int(seconds / size))\(unit)"
        }
        return "\(Int((seconds * 1_000).rounded()))ms"
    }
}

extension GeneratorPolicy {
    /// As the configuration writes it.
    fileprivate var text: String {
        switch self {
        case .password(let length, let classes):
            "password of \(length): \(classes.sorted().map(\.rawValue).joined(separator: ", "))"
        case .hex(let byteCount): "hex of \(byteCount) bytes"
        case .base64url(let byteCount): "base64url of \(byteCount) bytes"
        case .uuid: "uuid"
        }
    }
}
