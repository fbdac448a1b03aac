import Foundation
import InMemoryJournal
import Logging
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

// The workers, one after the other.
extension SimulatedWorld {
    /// Starts a worker, once the broker is there, and plans its death.
    func startWorker() async {
        guard !weather.isDown("broker") else { return after(300) { await self.startWorker() } }
        impediments.end("no worker", at: "worker", clock.elapsed)
        judge.started()
        note("a worker starts")
        let life = Life()
        let connection = SimulatedBroker(self)
        connections.withLock { $0 = connection }
        let worker = makeWorker(connection)
        let running = Task(executorPreference: executor) {
            await Life.$current.withValue(life) {
                do { try await worker.run() } catch { self.left(life, "\(error)") }
            }
        }
        if settings.mistake == .rotatesAtStart { await wishForAll() }
        guard !settings.isCalm else { return }
        let (wait, pause) = draw { choice in
            (choice.wait(mean: 30 * Day.seconds), choice.pick(Self.pauses))
        }
        after(wait) {
            self.weather.count("workers killed")
            self.note("the worker dies")
            life.end()
            running.cancel()
            self.impediments.begin("no worker", at: "worker", self.clock.elapsed)
            self.journal.reopen()
            self.after(pause) { await self.startWorker() }
        }
    }

    /// The broker's connections break, and are made anew.
    func loseConnections() { connections.withLock { $0 }?.disconnect() }

    private func left(_ life: Life, _ why: String) {
        guard !life.isOver else { return }
        judge.add("a worker left by itself: \(why)", "\(clock.elapsed) s")
    }

    private func wishForAll() async {
        for secret in secrets {
            var content = EventContent()
            content.secret = secret.definition.id.text
            await insist(.rotationRequested, content)
        }
    }

    private func makeWorker(_ connection: SimulatedBroker) -> Worker {
        var hosts: [String: VaultName] = [:]
        for name in vaults.keys { hosts[SecretMaker.host(of: name)] = name }
        return Worker(
            journal: SimulatedJournal(world: self),
            broker: connection,
            adapters: adapters,
            estate: Estate(definitions: secrets.map(\.definition), vaultHosts: hosts),
            settings: WorkerSettings(
                installation: Self.installation,
                holder: "worker",
                sweepSeconds: settings.mistake == .noSweeper
                    ? settings.endSeconds * 2 : Self.sweepSeconds,
                relayPauseSeconds: Self.relayPauseSeconds,
                releasedPerSweep: settings.mistake == .uncappedWaves
                    ? Int.max : Self.releasedPerSweep,
                access: AccessPolicy(
                    allowed: [.approve: [.user(Self.operatorUser)]],
                    anybodyMayRequest: true
                )
            ),
            clock: clock,
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private var adapters: Adapters {
        var adapters = Adapters()
        for (name, vault) in vaults {
            adapters.vaults[name] = SimulatedVault(world: self, base: vault)
        }
        for secret in secrets {
            if let name = secret.definition.target, let target = secret.target {
                adapters.targets[name] = SimulatedTarget(world: self, secret: secret, base: target)
            }
            for workload in secret.definition.workloads {
                adapters.workloads[workload.name] = SimulatedWorkload(
                    world: self,
                    secret: secret,
                    name: workload.name
                )
            }
        }
        adapters.hooks[SecretMaker.hook] = SimulatedHook(world: self)
        return adapters
    }

    private static let relayPauseSeconds = 30.0

    /// How long it takes until the next one starts.
    private static let pauses: [(part: Double, range: ClosedRange<Double>)] = [
        (0.7, 1...60), (0.2, 60...43_200), (0.08, 43_200...5 * 86_400),
        (0.02, 12 * 86_400...25 * 86_400),
    ]
}
