import Foundation
import InMemoryTarget
import RekeyCore
import RekeyPorts
import RekeyWorker

/// Makes the secrets of a simulated estate: of every strategy, with lives of a month to a year.
enum SecretMaker {
    static let vaultCount = 4
    static let targetSystemCount = 10
    static let staging: VaultName = "staging"
    static let hookKind = "site"
    static let hook: HookName = "hosts"
    static let callDeadlineSeconds = 30.0

    /// How long values last and how long before their end they are due, in days.
    private static let lives: [(life: Double, threshold: Double)] = [
        (90, 30), (30, 10), (180, 30), (60, 20), (365, 30), (90, 30), (180, 45),
    ]

    static func vault(_ number: Int) -> VaultName { VaultName("app-\(number % vaultCount)") }

    static func host(of vault: VaultName) -> String { "\(vault).vault.example" }

    static func targetSystem(_ number: Int) -> String {
        "target-\((number / Strategy.allCases.count) % targetSystemCount)"
    }

    static func definition(_ number: Int) -> CredentialDefinition {
        let strategy = Strategy.allCases[number % Strategy.allCases.count]
        let id = "secret-\(number)"
        let hasTarget = strategy != .valueOnly
        let workloads =
            hasTarget
            ? [PlannedWorkload(WorkloadName("shop-\(number)"))]
            : [
                PlannedWorkload(WorkloadName("gate-\(number)"), audience: .verifiers),
                PlannedWorkload(WorkloadName("client-\(number)"), audience: .callers),
            ]
        return CredentialDefinition(
            id: CredentialID(id),
            environment: "stage-\(number % 3)",
            strategy: strategy,
            target: hasTarget ? TargetName("target-of-\(number)") : nil,
            staging: SecretReference(vault: staging, name: SecretName("staged-\(number)")),
            carriers: carriers(number, strategy),
            workloads: workloads,
            hooks: number % 4 == 0 ? [PlannedHook(hook, kind: hookKind)] : [],
            policy: policy(number),
            window: number % 10 == 3 ? window : nil,
            notifiesNearExpiry: true
        )
    }

    private static func policy(_ number: Int) -> RotationPolicy {
        let (life, threshold) = lives[number % lives.count]
        return RotationPolicy(
            lifetimeSeconds: life * Day.seconds,
            thresholdSeconds: threshold * Day.seconds,
            graceSeconds: 4 * 3_600,
            hookDeadlineSeconds: 6 * 3_600,
            needsApproval: number % 20 == 7,
            approvalDeadlineSeconds: 4 * Day.seconds,
            callDeadlineSeconds: callDeadlineSeconds,
            // An outage of days is asked about every ten minutes, not every minute: it is only
            // there to be lived through.
            longestBackoffSeconds: 600
        )
    }

    private static let window = MaintenanceWindow(
        zone: "Africa/Cairo",
        days: [.friday, .saturday],
        opensAtMinute: 60,
        closesAtMinute: 12 * 60,
        onMissed: .runNow
    )

    private static func carriers(_ number: Int, _ strategy: Strategy) -> [PlannedCarrier] {
        let vault = vault(number)
        let name = SecretName("secret-\(number)")
        guard strategy == .valueOnly else {
            let format = strategy == .alternate ? ValueFormat.url : .bare
            let first = PlannedCarrier(SecretReference(vault: vault, name: name), format: format)
            guard number % 3 == 0 else { return [first] }
            // The second one is in another vault, which fails at other times; by its own name,
            // since the vaults in memory count versions by name, and two would give one id.
            let mirror = SecretName("mirror-\(number)")
            let other = SecretReference(vault: self.vault(number + 1), name: mirror)
            return [first, PlannedCarrier(other, format: format)]
        }
        let callers = SecretReference(vault: vault, name: SecretName("callers-\(number)"))
        return [
            PlannedCarrier(
                SecretReference(vault: vault, name: name),
                format: .list(separator: .comma),
                audience: .verifiers
            ),
            PlannedCarrier(callers, audience: .callers),
        ]
    }

    static func firstValue(_ number: Int) -> String { "first-value-\(number)-" }

    static func firstDocument(_ number: Int, _ strategy: Strategy) -> String {
        let value = firstValue(number)
        return strategy == .alternate ? "postgres://shop_a:\(value)@db/orders" : value
    }

    /// The target of a secret; the ones that make values lag and flap like Graph.
    static func target(_ number: Int, _ strategy: Strategy, _ clock: TrueClock) -> InMemoryTarget? {
        let accounts: [AccountID]
        switch strategy {
        case .valueOnly: return nil
        case .replace: accounts = ["shop"]
        case .alternate, .dualKey: accounts = ["shop_a", "shop_b"]
        case .addThenRemove: accounts = []
        }
        let first = Secret(copying: firstValue(number).utf8)
        let target = InMemoryTarget(
            strategy: strategy,
            accounts: accounts,
            accepting: [Credential(account: accounts.first ?? "first", secret: first)],
            clock: clock
        )
        if strategy == .addThenRemove {
            target.behaviour.looksBeforeAccepted = number % 7
            target.behaviour.flapEvery = 9
        }
        return target
    }
}
