import Foundation
import InMemoryBroker
import InMemoryHook
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import InMemoryWorkload
import Logging
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

/// An estate in memory for one row: it outlives the workers that run on it, one after another.
final class SuiteEstate: Sendable {
    static let installation = InstallationID("6f1c1f4e-6a0b-4c8e-9d3d-3c6f0d2a7b12")
    static let app = VaultName("app")
    static let staging = VaultName("staging")
    static let carrier = SecretName("orders-password")
    static let staged = SecretName("staged-orders")
    static let old = "old-value-1"
    private static let witness = "client.witness"

    let vault = InMemoryVault(name: SuiteEstate.app)
    let stagingVault = InMemoryVault(name: SuiteEstate.staging)
    let target: SuiteTarget?
    let workload = InMemoryWorkload()
    let hook = InMemoryHook()
    let journal = InMemoryJournal(clock: SystemClock())
    let outsider: InMemoryBroker
    private let otherTarget: (any Target)?
    private let declared: Mutex<CredentialDefinition>
    private let heard = Mutex<[CloudEvent]>([])
    private let worker = Mutex<Worker?>(nil)

    /// `document` is what the carrier holds; nil for what suits the strategy, empty for nothing.
    init(
        _ strategy: Strategy = .alternate,
        policy: RotationPolicy = SuiteEstate.quick,
        expiresIn seconds: Double = 90 * 86_400,
        document: String? = nil,
        target otherTarget: (any Target)? = nil,
        change: (inout CredentialDefinition) -> Void = { _ in }
    ) async {
        self.otherTarget = otherTarget
        target = otherTarget == nil ? Self.target(strategy).map { SuiteTarget($0) } : nil
        var topology = SagaBus.topology(hookKinds: ["site"])
        topology.queues.append(.init(temporary: Self.witness))
        topology.bindings.append(
            .init(exchange: SagaBus.events, queue: Self.witness, routingKey: "#")
        )
        outsider = InMemoryBroker(topology: topology)
        var definition = CredentialDefinition(
            id: "orders",
            strategy: strategy,
            target: strategy == .valueOnly ? nil : "target",
            staging: SecretReference(vault: Self.staging, name: Self.staged),
            carriers: [
                PlannedCarrier(
                    SecretReference(vault: Self.app, name: Self.carrier),
                    format: strategy == .alternate ? .url : .bare
                )
            ],
            workloads: [PlannedWorkload("shop", needs: .healthy)],
            hooks: [PlannedHook("hosts", kind: "site")],
            policy: policy
        )
        change(&definition)
        declared = Mutex(definition)
        let usual = strategy == .alternate ? "postgres://shop_a:\(Self.old)@db/orders" : Self.old
        let text = document ?? usual
        guard !text.isEmpty else { return }
        let entry = VaultEntry(
            value: Secret(copying: text.utf8),
            expires: Date() + seconds,
            tags: ["team": "shop"]
        )
        for planned in definition.carriers {
            await vault.place(entry, as: planned.reference.name)
        }
    }

    /// Nothing waits longer than a test may, and nothing is due by itself.
    static let quick = RotationPolicy(
        lifetimeSeconds: 90 * 86_400,
        thresholdSeconds: 30 * 86_400,
        graceSeconds: 0,
        verifyDeadlineSeconds: 30,
        callAttempts: 1_000,
        probesPerHour: 1_000,
        callDeadlineSeconds: 0.1,
        firstBackoffSeconds: 0.01,
        longestBackoffSeconds: 0.02
    )

    private static func target(_ strategy: Strategy) -> InMemoryTarget? {
        let value = Secret(copying: old.utf8)
        switch strategy {
        case .valueOnly: return nil
        case .addThenRemove:
            let first = Credential(account: "first", secret: value)
            return InMemoryTarget(strategy: strategy, accepting: [first])
        case .replace, .alternate, .dualKey:
            let first = Credential(account: "shop_a", secret: value)
            return InMemoryTarget(
                strategy: strategy,
                accounts: strategy == .replace ? ["shop_a"] : ["shop_a", "shop_b"],
                accepting: [first],
                clock: SystemClock()
            )
        }
    }

    /// What the configuration says; a change counts for the next worker.
    var definition: CredentialDefinition {
        get { declared.withLock(\.self) }
        set { declared.withLock { $0 = newValue } }
    }

    /// Every event that was published so far.
    var events: [CloudEvent] { heard.withLock(\.self) }

    /// Runs a new worker, with nothing left of the one before, for as long as `body` lasts.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let ear = outsider.peer(subscriptions: [Self.witness])
        let worker = makeWorker()
        self.worker.withLock { $0 = worker }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await worker.run()
                return nil
            }
            group.addTask {
                try await self.outsider.run()
                return nil
            }
            group.addTask {
                try await ear.run()
                return nil
            }
            group.addTask {
                for await delivery in ear.deliveries {
                    await ear.acknowledge([delivery.tag])
                    let event = try CloudEvent(decoding: delivery.body)
                    self.heard.withLock { $0.append(event) }
                }
                return nil
            }
            group.addTask {
                try await eventually("the outsider is connected") {
                    self.outsider.state.isPublishing
                }
                return try await body()
            }
            defer { group.cancelAll() }
            for try await result in group {
                if let result { return result }
            }
            throw PartFailure("the worker ended before the test")
        }
    }

    private func makeWorker() -> Worker {
        let definition = definition
        var targets: [TargetName: any Target] = [:]
        if let target = otherTarget ?? target { targets["target"] = target }
        return Worker(
            journal: journal,
            broker: outsider.peer(
                subscriptions: SagaBus.workerQueues(hookKinds: ["site"]),
                ownerQueue: SagaBus.owner
            ),
            adapters: Adapters(
                vaults: [Self.app: vault, Self.staging: stagingVault],
                targets: targets,
                workloads: ["shop": workload],
                hooks: ["hosts": hook]
            ),
            estate: Estate(definitions: [definition], vaultHosts: ["app.vault.test": Self.app]),
            settings: WorkerSettings(
                installation: Self.installation,
                holder: "worker-1",
                sweepSeconds: 0.1,
                relayPauseSeconds: 0.05,
                access: AccessPolicy(
                    allowed: [.request: [.user("rekey")], .approve: [.user("rekey")]],
                    anybodyMayRequest: true
                )
            ),
            clock: SystemClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Whether the worker has taken all there is, and does nothing now.
    func isQuiet() async throws -> Bool {
        let queues = SagaBus.workerQueues(hookKinds: ["site"])
        let isTaken = queues.allSatisfy { outsider.countAll(in: $0) == 0 }
        let isIdle = worker.withLock { $0?.busyCount ?? 0 } == 0
        let counts = try await journal.counts()
        return isTaken && isIdle && counts.waitingInbox == 0 && counts.unsentOutbox == 0
    }
}
