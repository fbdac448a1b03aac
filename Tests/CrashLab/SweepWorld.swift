import CrashSupport
import Foundation
import InMemoryBroker
import InMemoryHook
import InMemoryTarget
import InMemoryVault
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

/// Everything that is outside of a worker's process, in memory: it outlives the workers.
final class SweepWorld: Sendable {
    static let installation = InstallationID("6f1c1f4e-6a0b-4c8e-9d3d-3c6f0d2a7b11")
    static let app = VaultName("app")
    static let vaultHost = "app.vault.example"
    static let staging = VaultName("staging")
    static let staged = SecretName("staged-orders")
    /// A queue that gets every event.
    static let witness = "client.witness"
    static let oldValue = "old-value-1"
    /// Whom the broker vouches for, and who may do all.
    static let operatorUser = "operator"

    let plan: FaultPlan
    let definition: CredentialDefinition
    /// What the configuration becomes where the scenario says so.
    let laterDefinition: CredentialDefinition?
    let executor: WorldExecutor
    let clock: WorldClock
    let vault: MirroredVault
    let stagingVault: MirroredVault
    let target: InMemoryTarget?
    let workloads: [WorkloadName: SweepWorkload]
    let hook = InMemoryHook(needsValue: true)
    let journal: WorldJournal
    let record = WorldRecord()
    let outsider: InMemoryBroker
    let lateCalls: LateCalls
    let found = Mutex(Findings())

    var strategy: Strategy { plan.course.strategy }
    var scenario: SweepScenario { plan.course.scenario }

    /// What the ledger saw.
    struct Findings: Sendable {
        var checks = 0
        var violations: [String] = []
    }

    init(_ plan: FaultPlan, on executor: WorldExecutor, clock: WorldClock) async throws {
        let (strategy, scenario) = (plan.course.strategy, plan.course.scenario)
        self.plan = plan
        self.executor = executor
        self.clock = clock
        definition = SweepDefinition.make(strategy, scenario)
        let later = scenario == .joined ? SweepDefinition.makeLater(strategy, scenario) : nil
        laterDefinition = later
        target = SweepDefinition.target(strategy, scenario, clock)
        target?.behaviour.isFenced = plan.course.mistake == nil
        vault = MirroredVault(InMemoryVault(name: SweepWorld.app) { clock.now })
        stagingVault = MirroredVault(InMemoryVault(name: SweepWorld.staging) { clock.now })
        journal = try WorldJournal(plan.course.journal, clock: clock, executor: executor)
        lateCalls = LateCalls(clock: clock)
        var topology = SagaBus.topology(hookKinds: SweepDefinition.hookKinds)
        topology.queues.append(.init(temporary: SweepWorld.witness))
        topology.bindings.append(
            .init(exchange: SagaBus.events, queue: SweepWorld.witness, routingKey: "#")
        )
        outsider = InMemoryBroker(topology: topology)
        let entry = VaultEntry(
            value: SweepDefinition.document(strategy),
            expires: clock.now + SweepDefinition.secondsLeft(scenario),
            tags: ["team": "shop"]
        )
        var initial: [CarrierVersion] = []
        for carrier in definition.carriers {
            let name = carrier.reference.name
            let version = await vault.place(entry, as: name)
            initial.append(CarrierVersion(vault: SweepWorld.app, name: name, version: version))
        }
        let known = vault
        let stubborn = strategy == .valueOnly ? WorkloadName("client") : WorkloadName("shop")
        var workloads: [WorkloadName: SweepWorkload] = [:]
        for workload in (later ?? definition).workloads {
            let accepts = scenario.hasEvidence || workload.name != stubborn
            workloads[workload.name] = SweepWorkload(holding: initial) { versions in
                if accepts { return true }
                let texts = known.texts(of: versions)
                return texts.last?.contains(SweepWorld.oldValue) == true
            }
        }
        self.workloads = workloads
    }

    /// A worker on this world, behind `seam`, with the configuration of its time.
    func makeWorker(_ seam: Seam, _ connection: InMemoryBroker, isLater: Bool) -> Worker {
        let isChanged = isLater && plan.course.mistake != .freezesTheWorkloads
        let parts = WorkerParts(
            journal: SeamJournal(RecordedJournal(base: journal.current, record: record), seam),
            broker: SeamBroker(OrderedBroker(connection, plan.course.order, clock), seam),
            vault: SeamVault(vault, seam, name: "app"),
            staging: SeamVault(stagingVault, seam, name: "staging"),
            target: target.map { SeamTarget($0, seam) },
            workloads: workloads.mapValues { SeamWorkload($0, seam) },
            hook: SeamHook(hook, seam)
        )
        let worked = plan.course.mistake?.planted(in: parts, clock: clock) ?? parts
        return Worker(
            journal: worked.journal,
            broker: worked.broker,
            adapters: worked.adapters,
            estate: Estate(
                definitions: [isChanged ? laterDefinition ?? definition : definition],
                vaultHosts: [SweepWorld.vaultHost: SweepWorld.app]
            ),
            settings: SweepDefinition.settings,
            clock: clock,
            logger: .silent
        )
    }
}

/// What a worker is given, each behind its seam.
struct WorkerParts: Sendable {
    var journal: any Journal
    var broker: any Broker
    var vault: any RetaggingVault
    var staging: any Vault
    var target: SeamTarget?
    var plantedTarget: (any Target)?
    var workloads: [WorkloadName: any Workload]
    var hook: any Hook

    var adapters: Adapters {
        var targets: [TargetName: any Target] = [:]
        targets[SweepDefinition.target] = plantedTarget ?? target
        return Adapters(
            vaults: [SweepWorld.app: vault, SweepWorld.staging: staging],
            targets: targets,
            workloads: workloads,
            hooks: [SweepDefinition.hook: hook]
        )
    }
}
