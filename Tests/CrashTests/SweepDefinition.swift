import InMemoryTarget
import Logging
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

/// The one credential of a `SweepWorld`, and its target.
enum SweepDefinition {
    static func make(_ strategy: Strategy, _ scenario: SweepScenario) -> CredentialDefinition {
        let isTargetless = strategy == .valueOnly
        return CredentialDefinition(
            id: "orders",
            strategy: strategy,
            target: isTargetless ? nil : "target",
            staging: SecretReference(vault: SweepWorld.staging, name: SweepWorld.staged),
            carriers: carriers(strategy),
            workloads: isTargetless
                ? [
                    PlannedWorkload("gate", audience: .verifiers),
                    PlannedWorkload("client", audience: .callers),
                ] : [PlannedWorkload("shop")],
            hooks: [PlannedHook("hosts", kind: "site")],
            policy: policy(scenario)
        )
    }

    /// Short where time is only waited for, and long where a starved machine could use it up.
    ///
    /// Where no evidence comes, the second look for it would be after the deadline: how often
    /// there is one does not depend on the machine.
    private static func policy(_ scenario: SweepScenario) -> RotationPolicy {
        let isHopeless = scenario == .noEvidence
        return RotationPolicy(
            lifetimeSeconds: 90 * 86_400,
            thresholdSeconds: 30 * 86_400,
            graceSeconds: 0.01,
            proveDeadlineSeconds: 20,
            verifyDeadlineSeconds: isHopeless ? 0.1 : 20,
            hookDeadlineSeconds: 20,
            valueAttempts: 2,
            callDeadlineSeconds: 0.05,
            firstBackoffSeconds: isHopeless ? 0.12 : 0.005,
            longestBackoffSeconds: isHopeless ? 0.12 : 0.05
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

    static func target(_ strategy: Strategy, _ scenario: SweepScenario) -> InMemoryTarget? {
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
            clock: SystemClock()
        )
        switch scenario {
        case .plain, .noEvidence: break
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
