import CrashSupport
import Foundation
import InMemoryVault
import RabbitMQBroker
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import SQLiteJournal

/// A real worker on a real broker and a journal on disk; the outside systems are in memory, and
/// looked at after each effect.
final class TroubleWorld: Sendable {
    /// Where something may be done to the broker while one rotation waits.
    typealias Watch = @Sendable (_ credential: Int, _ point: SeamPoint) async -> Void

    let systems: [OutsideSystems]
    let journal: SQLiteJournal
    let log = WarningLog()
    let worker: Worker
    let broker: any Broker
    let ledger: TroubleLedger
    private let folder: TemporaryDirectory

    /// `broker` is the worker's, whatever stands before it.
    init(
        credentials: Int,
        broker: any Broker,
        sweepSeconds: Double = 3_600,
        watch: @escaping Watch = { _, _ in }
    ) async throws {
        var systems: [OutsideSystems] = []
        for number in 1...credentials { systems.append(await OutsideSystems.make(number)) }
        self.systems = systems
        self.broker = broker
        folder = try TemporaryDirectory("trouble")
        journal = try SQLiteJournal.open(path: folder.file("journal.sqlite"), clock: SystemClock())
        let ledger = TroubleLedger(journal: journal)
        self.ledger = ledger
        var adapters = Adapters()
        for system in systems {
            let seam = Seam(die: {}) { point in
                await ledger.look(at: system, after: point)
                await watch(system.credential.number, point)
            }
            let (credential, vault, staging) = (system.credential, system.vault, system.staging)
            adapters.vaults[vault.name] = SeamVault(vault, seam, name: "app")
            adapters.vaults[staging.name] = SeamVault(staging, seam, name: "staging")
            adapters.targets[credential.target] = SeamTarget(system.target, seam)
            adapters.workloads[credential.workload] = SeamWorkload(system.workload, seam)
        }
        worker = Worker(
            journal: journal,
            broker: broker,
            adapters: adapters,
            estate: Estate(definitions: systems.map(\.credential.definition), vaultHosts: [:]),
            settings: WorkerSettings(
                installation: InstallationID("6f1c1f4e-6a0b-4c8e-9d3d-3c6f0d2a7b11"),
                holder: "worker",
                sweepSeconds: sweepSeconds,
                relayPauseSeconds: 0.05
            ),
            clock: SystemClock(),
            logger: log.logger
        )
    }
}
