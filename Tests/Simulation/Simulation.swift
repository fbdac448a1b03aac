import CrashLab
import Foundation
import InMemoryBroker
import InMemoryJournal
import InMemoryVault
import Logging
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

/// Runs a worker through years of an estate's life, in a time of its own.
package enum Simulation {
    /// Runs one to its end, on the calling thread.
    ///
    /// Throws where the trace's file cannot be made.
    package static func run(_ settings: SimulationSettings) throws -> SimulationReport {
        let clock = ContinuousClock()
        let start = clock.now
        let world = try SimulatedWorld(settings)
        Task(executorPreference: world.executor) { await world.begin() }
        world.executor.run(until: { world.isOver }) { world.goOn() }
        if !world.isOver { world.judge.add("the world stands still", "\(world.clock.elapsed) s") }
        world.judge.judgeAlarms(at: settings.endSeconds)
        world.trace.close()
        return SimulationReport(world, start.duration(to: clock.now) / .seconds(1))
    }

    /// Runs all of them, as many at once as there are threads, in the order given.
    package static func run(
        _ all: [SimulationSettings],
        threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) async throws -> [SimulationReport] {
        guard !all.isEmpty else { return [] }
        let results = Mutex<[Int: Result<SimulationReport, any Error>]>([:])
        let next = Mutex(0)
        await withCheckedContinuation { continuation in
            for _ in 0..<min(max(threads, 1), all.count) {
                let thread = Thread {
                    while true {
                        let index = next.withLock { next in
                            next += 1
                            return next - 1
                        }
                        guard index < all.count else { return }
                        let result = Result { try run(all[index]) }
                        let isLast = results.withLock { results in
                            results[index] = result
                            return results.count == all.count
                        }
                        if isLast { continuation.resume() }
                    }
                }
                thread.stackSize = stackByteCount
                thread.start()
            }
        }
        let found = results.withLock { $0 }
        return try all.indices.compactMap { try found[$0]?.get() }
    }

    private static let stackByteCount = 16 << 20
}

extension SimulatedWorld {
    /// Puts the first versions into the vaults, and begins everything.
    fileprivate func begin() async {
        await furnish()
        planWeather()
        planMistakes()
        Task(executorPreference: executor) { try? await self.outsider.run() }
        Task(executorPreference: executor) { await self.runPeople() }
        after(1) { await self.startWorker() }
    }

    /// First versions of every age; some are due already.
    private func furnish() async {
        for secret in secrets {
            let definition = secret.definition
            let policy = definition.policy
            let left = draw { Double.random(in: 0.02...1, using: &$0) } * policy.lifetimeSeconds
            // Whatever is due on the first day has to wait for its wave.
            let seconds = max(left, policy.thresholdSeconds / 2 + 5 * Day.seconds)
            let text = SecretMaker.firstDocument(secret.number, definition.strategy)
            var held: [CarrierVersion] = []
            for carrier in definition.carriers {
                let place = carrier.reference
                guard let vault = vaults[place.vault] else { continue }
                let entry = VaultEntry(
                    value: Secret(copying: text.utf8),
                    expires: clock.truth + seconds
                )
                let id = await vault.place(entry, as: place.name)
                written(entry, id, at: place, isForeign: false)
                held.append(CarrierVersion(vault: place.vault, name: place.name, version: id))
            }
            let all = held
            secret.change { state in
                for workload in definition.workloads { state.held[workload.name] = all }
            }
        }
        // Without any timer the worker would look for one every ten seconds, for ten years.
        let timer = JournalTimer(rotation: "no rotation", lane: "none", dueAt: .distantFuture)
        try? await journal.commit([.arm(timer)], under: nil)
    }
}
