import InMemoryTarget
import Logging
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

/// The one credential of a `SweepWorld`, and its target.
enum SweepDefinition {
    static let credential: CredentialID = "orders"
    static let target: TargetName = "target"
    static let hook: HookName = "hosts"
    /// Who joins a rotation under way.
    static let late: WorkloadName = "late"
    static let hookKinds = ["site"]
    static let callDeadlineSeconds = 5.0
    /// When a compromised value has to be dead, after the request.
    static let revokeBySeconds = 60.0

    static let settings = WorkerSettings(
        installation: SweepWorld.installation,
        holder: "worker",
        sweepSeconds: 20,
        access: AccessPolicy(
            allowed: [
                .approve: [.user(SweepWorld.operatorUser)],
                .compromise: [.user(SweepWorld.operatorUser)],
            ],
            anybodyMayRequest: true
        )
    )

    /// How long the old value lasts by itself: by an event that says it ends, not for long.
    static func secondsLeft(_ scenario: SweepScenario) -> Double {
        (scenario == .nearExpiry ? 20 : 60) * 86_400
    }

    static func make(_ strategy: Strategy, _ scenario: SweepScenario) -> CredentialDefinition {
        let isTargetless = strategy == .valueOnly
        return CredentialDefinition(
            id: credential,
            strategy: strategy,
            target: isTargetless ? nil : target,
            staging: SecretReference(vault: SweepWorld.staging, name: SweepWorld.staged),
            carriers: carriers(strategy),
            workloads: isTargetless
                ? [
                    PlannedWorkload("gate", audience: .verifiers),
                    PlannedWorkload("client", audience: .callers),
                ] : [PlannedWorkload("shop")],
            hooks: [PlannedHook(hook, kind: hookKinds[0])],
            policy: policy(scenario)
        )
    }

    /// The same as somebody changed it since: a workload is added that reads what others read.
    static func makeLater(_ strategy: Strategy, _ scenario: SweepScenario) -> CredentialDefinition {
        var definition = make(strategy, scenario)
        let audience = strategy == .valueOnly ? Audience.callers : .everyone
        definition.workloads.append(PlannedWorkload(late, audience: audience))
        return definition
    }

    /// Time that only the world's clock counts costs nothing.
    private static func policy(_ scenario: SweepScenario) -> RotationPolicy {
        RotationPolicy(
            lifetimeSeconds: 90 * 86_400,
            thresholdSeconds: 30 * 86_400,
            graceSeconds: 10,
            proveDeadlineSeconds: 600,
            // Where no evidence comes, only a few looks for it are made.
            verifyDeadlineSeconds: scenario == .noEvidence ? 10 : 600,
            hookDeadlineSeconds: 600,
            // Each of two faults may lose a value that the target made.
            valueAttempts: 3,
            callDeadlineSeconds: callDeadlineSeconds,
            firstBackoffSeconds: scenario == .overdue ? 10 : 1,
            longestBackoffSeconds: 10
        )
    }

    private static func carriers(_ strategy: Strategy) -> [PlannedCarrier] {
        let vault = SweepWorld.app
        guard strategy == .valueOnly else {
            let second = SecretReference(vault: vault, name: "orders-mirror")
            let format = strategy == .alternate ? ValueFormat.url : .bare
            return [
                PlannedCarrier(SecretReference(vault: vault, name: "orders"), format: format),
                PlannedCarrier(second, format: format),
            ]
        }
        return [
            PlannedCarrier(
                SecretReference(vault: vault, name: "verifiers"),
                format: .list(separator: .comma),
                audience: .verifiers
            ),
            PlannedCarrier(SecretReference(vault: vault, name: "callers"), audience: .callers),
        ]
    }

    static func document(_ strategy: Strategy) -> Secret {
        let old = SweepWorld.oldValue
        return Secret(
            copying: (strategy == .alternate ? "postgres://shop_a:\(old)@db/orders" : old).utf8
        )
    }

    static func target(
        _ strategy: Strategy,
        _ scenario: SweepScenario,
        _ clock: WorldClock
    ) -> InMemoryTarget? {
        guard strategy != .valueOnly else { return nil }
        let accounts: [AccountID] =
            switch strategy {
            case .replace: ["shop"]
            case .alternate, .dualKey: ["shop_a", "shop_b"]
            case .addThenRemove, .valueOnly: []
            }
        let old = Secret(copying: SweepWorld.oldValue.utf8)
        let target = InMemoryTarget(
            strategy: strategy,
            accounts: accounts,
            accepting: [Credential(account: accounts.first ?? "first", secret: old)],
            clock: clock
        )
        switch scenario {
        case .plain, .noEvidence, .compromise, .overdue, .nearExpiry, .joined: break
        case .refusesAll: target.behaviour.refuses = { $0 != old }
        case .refusesFirst:
            let first = FirstValue()
            target.behaviour.refuses = { $0 != old && first.isSame(as: $0) }
        }
        return target
    }
}

/// Remembers the first value it was shown.
private final class FirstValue: Sendable {
    private let value = Mutex<Secret?>(nil)

    func isSame(as secret: Secret) -> Bool {
        value.withLock { value in
            let first = value ?? secret
            value = first
            return first == secret
        }
    }
}

extension Logger {
    /// Says nothing.
    static let silent = Logger(label: "sweep") { _ in SwiftLogNoOpLogHandler() }
}
