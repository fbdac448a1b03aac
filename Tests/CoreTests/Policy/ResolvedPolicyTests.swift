import RekeyCore
import Testing

@Suite struct `A resolved policy` {
    @Test func `is Rekey's own where nothing is said`() {
        let policy = ResolvedPolicy()
        #expect(policy.rotation == RotationPolicy())
        #expect(policy.isEnabled && !policy.notifiesNearExpiry && policy.window == nil)
        #expect(Set(policy.origins.keys) == Set(PolicyField.allCases))
        #expect(policy.origins.values.allSatisfy { $0 == .builtIn })
    }

    @Test func `takes each setting from the last layer that says it`() {
        let origins: [PolicyOrigin] = [
            .defaults, .environment("live"), .kind("postgres"), .secret("db"),
        ]
        // Every way in which four layers may say or not say the grace.
        for mask in 0..<16 {
            let layers = origins.enumerated().map { index, origin in
                var layer = PolicyLayer()
                if mask >> index & 1 == 1 { layer.graceSeconds = Double(index + 1) }
                return (origin: origin, layer: layer)
            }
            let policy = ResolvedPolicy(layers: layers)
            let last = (0..<4).last { mask >> $0 & 1 == 1 }
            #expect(policy.origins[.grace] == last.map { origins[$0] } ?? .builtIn)
            #expect(policy.rotation.graceSeconds == last.map { Double($0 + 1) } ?? 3_600)
        }
    }

    @Test func `has an origin for every setting that a layer can say`() {
        var layer = PolicyLayer()
        layer.isEnabled = false
        layer.lifetimeSeconds = 1
        layer.thresholdSeconds = 2
        layer.graceSeconds = 3
        layer.notifiesNearExpiry = true
        layer.needsApproval = true
        layer.window = MaintenanceWindow(
            zone: "UTC",
            days: [.monday],
            opensAtMinute: 0,
            closesAtMinute: 1,
            onMissed: .next
        )
        layer.generator = .uuid
        layer.proveDeadlineSeconds = 4
        layer.verifyDeadlineSeconds = 5
        layer.hookDeadlineSeconds = 6
        layer.approvalDeadlineSeconds = 7
        layer.callDeadlineSeconds = 8
        layer.valueAttempts = 9
        (layer.callAttempts, layer.probesPerHour) = (10, 13)
        (layer.firstBackoffSeconds, layer.longestBackoffSeconds) = (11, 12)
        #expect(!Mirror(reflecting: layer).children.contains { "\($0.value)" == "nil" })
        let policy = ResolvedPolicy(layers: [(.kind("k"), layer)])
        #expect(policy.origins.values.allSatisfy { $0 == .kind("k") })
        #expect(
            policy.rotation
                == RotationPolicy(
                    lifetimeSeconds: 1,
                    thresholdSeconds: 2,
                    graceSeconds: 3,
                    proveDeadlineSeconds: 4,
                    verifyDeadlineSeconds: 5,
                    hookDeadlineSeconds: 6,
                    needsApproval: true,
                    approvalDeadlineSeconds: 7,
                    valueAttempts: 9,
                    callAttempts: 10,
                    probesPerHour: 13,
                    callDeadlineSeconds: 8,
                    firstBackoffSeconds: 11,
                    longestBackoffSeconds: 12,
                    generator: .uuid
                )
        )
        #expect(!policy.isEnabled && policy.notifiesNearExpiry && policy.window == layer.window)
    }

    @Test func `names its origins as paths of the configuration`() {
        #expect("\(PolicyOrigin.environment("live"))" == "policies.environments.live")
        #expect("\(PolicyOrigin.secret("db"))" == "secrets.db.policy")
    }
}
