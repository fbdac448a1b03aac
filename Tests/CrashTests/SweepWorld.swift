import CrashSupport
import Foundation
import InMemoryBroker
import InMemoryHook
import InMemoryJournal
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
    static let staging = VaultName("staging")
    static let staged = SecretName("staged-orders")
    /// A queue that gets every event.
    static let witness = "client.witness"
    static let oldValue = "old-value-1"

    let strategy: Strategy
    let scenario: SweepScenario
    let planted: Planted?
    let definition: CredentialDefinition
    let vault = InMemoryVault(name: SweepWorld.app)
    let stagingVault = InMemoryVault(name: SweepWorld.staging)
    let target: InMemoryTarget?
    let workloads: [WorkloadName: SweepWorkload]
    let hook = InMemoryHook(needsValue: true)
    let journal = InMemoryJournal(clock: SystemClock())
    let outsider: InMemoryBroker
    let found = Mutex(Findings())

    /// What the ledger saw.
    struct Findings: Sendable {
        var checks = 0
        var violations: [String] = []
    }

    init(
        _ strategy: Strategy,
        _ scenario: SweepScenario,
        planted: Planted? = nil
    ) async throws {
        self.strategy = strategy
        self.scenario = scenario
        self.planted = planted
        definition = SweepDefinition.make(strategy, scenario)
        target = SweepDefinition.target(strategy, scenario)
        target?.behaviour.isFenced = planted == nil
        var topology = SagaBus.topology(hookKinds: ["site"])
        topology.queues.append(.init(temporary: SweepWorld.witness))
        topology.bindings.append(
            .init(exchange: SagaBus.events, queue: SweepWorld.witness, routingKey: "#")
        )
        outsider = InMemoryBroker(topology: topology)
        let entry = VaultEntry(
            value: SweepDefinition.document(strategy),
            expires: Date() + 60 * 86_400,
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
        for workload in definition.workloads {
            let accepts = scenario != .noEvidence || workload.name != stubborn
            workloads[workload.name] = SweepWorkload(holding: initial) { versions in
                if accepts { return true }
                let texts = await known.texts(of: versions)
                return texts.last?.contains(SweepWorld.oldValue) == true
            }
        }
        self.workloads = workloads
    }

    /// A worker on this world, behind `seam`, with a connection of its own.
    func makeWorker(_ seam: Seam) -> Worker {
        var targets: [TargetName: any Target] = [:]
        if let target {
            let base: any Target =
                planted.map { PlantedTarget(base: target, planted: $0) } ?? target
            targets["target"] = SeamTarget(base, seam)
        }
        let broker = outsider.peer(subscriptions: SagaBus.workerQueues(hookKinds: ["site"]))
        return Worker(
            journal: SeamJournal(journal, seam),
            broker: SeamBroker(broker, seam),
            adapters: Adapters(
                vaults: [
                    SweepWorld.app: SeamVault(plant(in: vault), seam, name: "app"),
                    SweepWorld.staging: SeamVault(plant(in: stagingVault), seam, name: "staging"),
                ],
                targets: targets,
                workloads: workloads.mapValues { SeamWorkload($0, seam) },
                hooks: ["hosts": SeamHook(hook, seam)]
            ),
            estate: Estate(definitions: [definition], vaultHosts: [:]),
            settings: WorkerSettings(
                installation: SweepWorld.installation,
                holder: "worker",
                sweepSeconds: 0.25,
                relayPauseSeconds: 0.02
            ),
            clock: SystemClock(),
            logger: .silent
        )
    }

    private func plant(in vault: InMemoryVault) -> any Vault {
        guard let planted else { return vault }
        return PlantedVault(base: vault, planted: planted, isStaging: vault.name == Self.staging)
    }

    /// Asks for a rotation as an outsider does.
    func request() async {
        var content = EventContent()
        content.secret = "orders"
        content.reason = "routine"
        let event = CloudEvent(
            id: "request-1",
            source: "test",
            type: .rotationRequested,
            time: Date(),
            content: content
        )
        _ = await outsider.publish([
            Publication(
                exchange: SagaBus.intake,
                routingKey: "rotation.requested",
                body: event.encoded(),
                properties: EventProperties(messageID: "request-1", type: event.type.name)
            )
        ])
    }
}

extension InMemoryVault {
    /// The values of these versions as texts, also of disabled ones.
    func texts(of versions: [CarrierVersion]) -> [String] {
        let listed = listing(digest: \.text)
        return versions.compactMap { held in
            listed.first { $0.version == held.version && $0.name == held.name }?.digest
        }
    }
}
