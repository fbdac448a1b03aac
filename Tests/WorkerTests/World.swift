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

/// A whole estate in memory: it outlives the workers that are run on it.
final class World: Sendable {
    static let installation = InstallationID("6f1c1f4e-6a0b-4c8e-9d3d-3c6f0d2a7b11")
    static let app = VaultName("app")
    static let host = "example-kv.vault.azure.net"
    static let staging = VaultName("staging")
    /// A queue that gets every event.
    static let witness = "client.witness"
    static let name = SecretName("orders-password")

    let definition: CredentialDefinition
    /// Declared beside it, and in no vault.
    let others: [CredentialDefinition]
    let vault: InMemoryVault
    let stagingVault: InMemoryVault
    let target: InMemoryTarget?
    let workload = InMemoryWorkload()
    let hook = InMemoryHook(needsValue: true)
    /// What a later configuration may have besides.
    let lateWorkload = InMemoryWorkload()
    let lateHook = InMemoryHook()
    let journal: InMemoryJournal
    let clock: any RekeyPorts.Clock
    let sweepSeconds: Double
    let broker: InMemoryBroker
    let outsider: InMemoryBroker
    let access: AccessPolicy
    private let worker = Mutex<Worker?>(nil)

    init(
        _ strategy: Strategy,
        policy: RotationPolicy = World.quick,
        expiresIn seconds: Double = 3_600,
        access: AccessPolicy = .requestsOnly,
        window: MaintenanceWindow? = nil,
        isEnabled: Bool = true,
        value: String = "old-value-1",
        clock: any RekeyPorts.Clock = SystemClock(),
        sweepSeconds: Double = 0.5,
        isHearing: Bool = true,
        copies: [SecretReference] = [],
        others: [CredentialDefinition] = []
    ) async throws {
        self.access = access
        self.others = others
        self.clock = clock
        self.sweepSeconds = sweepSeconds
        vault = InMemoryVault(
            name: World.app,
            address: "https://\(World.host)",
            now: { clock.now }
        )
        stagingVault = InMemoryVault(name: World.staging, now: { clock.now })
        journal = InMemoryJournal(clock: clock)
        let format = World.format(strategy)
        definition = CredentialDefinition(
            id: "orders",
            strategy: strategy,
            target: strategy == .valueOnly ? nil : "target",
            staging: SecretReference(vault: World.staging, name: "staged-orders"),
            carriers: World.carriers(strategy, format)
                + copies.map { PlannedCarrier($0, format: format) },
            workloads: [PlannedWorkload("shop", needs: .healthy)],
            hooks: [PlannedHook("hosts", kind: "site")],
            policy: policy,
            window: window,
            isEnabled: isEnabled,
            notifiesNearExpiry: true
        )
        let old = Secret(copying: value.utf8)
        target = World.target(strategy, accepting: old)
        outsider = InMemoryBroker(topology: World.topology)
        let queues = isHearing ? SagaBus.workerQueues(hookKinds: ["site"]) : []
        broker = outsider.peer(subscriptions: queues, ownerQueue: SagaBus.owner)
        let document =
            strategy == .alternate
            ? Secret(copying: "postgres://shop_a:old-value-1@db/orders".utf8) : old
        await fill(with: document, until: clock.now + seconds)
    }

    private func fill(with document: Secret, until end: Date) async {
        let entry = VaultEntry(value: document, expires: end, tags: ["team": "shop"])
        for carrier in definition.carriers {
            let place = carrier.reference.vault == World.app ? vault : stagingVault
            await place.place(entry, as: carrier.reference.name)
        }
    }

    private static var topology: Topology {
        var topology = SagaBus.topology(hookKinds: ["site"])
        topology.queues.append(.init(temporary: witness))
        topology.bindings.append(.init(exchange: SagaBus.events, queue: witness, routingKey: "#"))
        return topology
    }

    /// Everything at once: no value waits longer than a test may.
    static let quick = RotationPolicy(
        lifetimeSeconds: 90 * 86_400,
        thresholdSeconds: 30 * 86_400,
        graceSeconds: 0.05,
        verifyDeadlineSeconds: 20,
        callDeadlineSeconds: 0.2,
        firstBackoffSeconds: 0.02,
        longestBackoffSeconds: 0.1
    )

    private static func format(_ strategy: Strategy) -> ValueFormat {
        switch strategy {
        case .alternate: .url
        case .valueOnly: .list(separator: .comma)
        default: .bare
        }
    }

    private static func carriers(_ strategy: Strategy, _ format: ValueFormat) -> [PlannedCarrier] {
        guard strategy == .valueOnly else {
            return [PlannedCarrier(SecretReference(vault: app, name: name), format: format)]
        }
        return [
            PlannedCarrier(
                SecretReference(vault: app, name: "verifiers"),
                format: format,
                audience: .verifiers
            ),
            PlannedCarrier(SecretReference(vault: app, name: "callers"), audience: .callers),
        ]
    }

    private static func target(_ strategy: Strategy, accepting old: Secret) -> InMemoryTarget? {
        switch strategy {
        case .replace:
            InMemoryTarget(
                strategy: strategy,
                accounts: ["shop"],
                accepting: [Credential(account: "shop", secret: old)]
            )
        case .alternate, .dualKey:
            InMemoryTarget(
                strategy: strategy,
                accounts: ["shop_a", "shop_b"],
                accepting: [Credential(account: "shop_a", secret: old)]
            )
        case .addThenRemove:
            InMemoryTarget(
                strategy: strategy,
                accepting: [Credential(account: "first", secret: old)]
            )
        case .valueOnly: nil
        }
    }

    /// Every outside system of this world, but for another `vault`.
    func adapters(vault: (any Vault)? = nil) -> Adapters {
        var targets: [TargetName: any Target] = [:]
        if let target { targets["target"] = target }
        return Adapters(
            vaults: [World.app: vault ?? self.vault, World.staging: stagingVault],
            targets: targets,
            workloads: ["shop": workload, "late": lateWorkload],
            hooks: ["hosts": hook, "late": lateHook]
        )
    }

    /// A worker on this world, over its own broker or another participant of it.
    func worker(
        on broker: (any Broker)? = nil,
        journal: (any Journal)? = nil,
        vault: (any Vault)? = nil,
        holder: String = "worker-1",
        claimSeconds: Double = 120,
        knowing present: CredentialDefinition? = nil
    ) -> Worker {
        Worker(
            journal: journal ?? self.journal,
            broker: broker ?? self.broker,
            adapters: adapters(vault: vault),
            estate: Estate(
                definitions: [present ?? definition] + others,
                vaultHosts: ["app.vault.test": World.app]
            ),
            settings: WorkerSettings(
                installation: World.installation,
                holder: holder,
                claimSeconds: claimSeconds,
                sweepSeconds: sweepSeconds,
                relayPauseSeconds: 0.05,
                brokerUser: InMemoryBroker.user,
                access: access
            ),
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Runs a worker on this world for as long as `body` lasts.
    func withWorker<Result: Sendable>(
        on broker: (any Broker)? = nil,
        journal: (any Journal)? = nil,
        vault: (any Vault)? = nil,
        claimSeconds: Double = 120,
        knowing present: CredentialDefinition? = nil,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let worker = worker(
            on: broker,
            journal: journal,
            vault: vault,
            claimSeconds: claimSeconds,
            knowing: present
        )
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

    /// Whether a rotation or a credential is being worked on at this instant.
    var isBusy: Bool { worker.withLock { $0?.busyCount ?? 0 } > 0 }

    /// Asks for a rotation as an outsider does.
    func request(_ id: String = "request-1") async {
        let event = Self.requested(id)
        _ = await outsider.publish([
            Publication(
                exchange: SagaBus.intake,
                routingKey: "rotation.requested",
                body: event.encoded(),
                properties: EventProperties(messageID: id, type: event.type.name)
            )
        ])
    }

    /// How the inbox knows what `request` publishes.
    func requestID(_ id: String = "request-1") -> InboxEntry.ID? {
        InboxEntry.ID(of: Self.requested(id), publishedBy: nil)
    }

    private static func requested(_ id: String) -> CloudEvent {
        var content = EventContent()
        content.secret = "orders"
        content.reason = "routine"
        return CloudEvent(
            id: EventID(id),
            source: "test",
            type: .rotationRequested,
            time: Date(),
            content: content
        )
    }

    /// Waits until a rotation has ended, and returns it.
    func ended(within: Duration = .seconds(20)) async throws -> Rotation {
        try await eventually(within: within, "a rotation ends") {
            try await self.journal.rotations(RotationQuery()).contains { $0.isOver }
        }
        let rotations = try await journal.rotations(RotationQuery())
        guard let ended = rotations.first(where: \.isOver) else {
            throw PartFailure("no rotation ended")
        }
        return ended
    }
}
