package import Foundation
package import RekeyCore

/// A plan with everything in it that a strategy can have, and no wait that a test has to sit out.
package enum RotationSample {
    package static let start = Date(timeIntervalSince1970: 1_750_000_000)
    /// Later than every deadline of the policy.
    package static let late = start + 1_000
    package static let id = RotationID("8e8c8a52-5b9e-5c0a-9b57-2f3f5d1f9c11")

    package static func plan(_ strategy: Strategy) -> RotationPlan {
        let vault = VaultName("app")
        let isTargetless = strategy == .valueOnly
        let audiences: [Audience] = isTargetless ? [.verifiers, .callers] : [.everyone]
        return RotationPlan(
            credential: "orders",
            strategy: strategy,
            target: isTargetless ? nil : "target",
            staging: SecretReference(vault: "staging", name: "staged"),
            carriers: audiences.enumerated().map { index, audience in
                PlannedCarrier(
                    SecretReference(vault: vault, name: SecretName("carrier-\(index)")),
                    format: audience == .verifiers ? .list(separator: .comma) : .bare,
                    audience: audience,
                    base: VersionID("base-\(index)")
                )
            },
            workloads: audiences.map {
                PlannedWorkload(WorkloadName("reads-\($0)"), audience: $0)
            },
            hooks: [PlannedHook("hosts", kind: "site")],
            previousAccount: isTargetless ? nil : "old",
            candidateAccount: strategy == .alternate || strategy == .dualKey
                ? "new" : (strategy == .replace ? "old" : nil),
            sequence: 1,
            policy: policy
        )
    }

    private static let policy = RotationPolicy(
        graceSeconds: 0,
        proveDeadlineSeconds: 500,
        verifyDeadlineSeconds: 500,
        hookDeadlineSeconds: 500,
        valueAttempts: 2,
        callAttempts: 2,
        callDeadlineSeconds: 0,
        firstBackoffSeconds: 0,
        longestBackoffSeconds: 0
    )

    /// Has to be dead by a time before `late`.
    package static let compromise = RotationReason.compromise(
        versions: ["base-0"],
        revokeBy: start + 800
    )

    package static func rotation(
        _ strategy: Strategy,
        reason: RotationReason = .routine,
        needsApproval: Bool = false,
        hooks: [PlannedHook]? = nil,
        callAttempts: Int? = nil
    ) throws -> Rotation {
        var plan = plan(strategy)
        plan.policy.needsApproval = needsApproval
        if let hooks { plan.hooks = hooks }
        if let callAttempts { plan.policy.callAttempts = callAttempts }
        // A deadline runs beside every step, and hooks do: both together are too many states.
        if reason.isCompromise { plan.hooks = [] }
        let event = RotationEvent.accepted(plan, reason: reason, by: "test", at: start)
        guard let rotation = Rotation(id, startingWith: event) else { throw NoRotation() }
        return rotation
    }

    /// A workload, which in `valueOnly` sends the value, and some hooks that join the plan.
    package static func joining(_ strategy: Strategy, hooks: Int = 1) -> RotationEvent {
        let audience: Audience = strategy == .valueOnly ? .callers : .everyone
        return .widened(
            workloads: [PlannedWorkload("late", audience: audience)],
            hooks: (0..<hooks).map { PlannedHook(HookName("late-\($0)"), kind: "site") },
            at: start
        )
    }

    package struct NoRotation: Error {
        package init() {}
    }
}
