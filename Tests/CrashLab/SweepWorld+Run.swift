import CrashSupport
import Foundation
import InMemoryBroker
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

extension SweepWorld {
    /// After these calls something outside may have changed.
    private static let changing: Set<String> = [
        "vault.app.write", "vault.app.retag", "vault.staging.write", "vault.staging.disable",
        "target.install", "target.issue", "target.regenerate", "target.value", "target.retire",
        "workload.refresh", "journal.commit", "hook.start", "broker.publish",
    ]

    /// How a worker's life ended.
    private enum LifeEnd {
        case dead
        /// It left by itself, as a process does that its supervisor starts again.
        case left(String)
        /// Nothing is left to do.
        case quiet
        case hopeless(String)
    }

    /// Rotates with the faults of the plan, with a new worker whenever one died, until nothing is
    /// left to do.
    ///
    /// Given the states that are known, it ends where it comes to one of them.
    func run(from known: KnownStates? = nil) async -> SweepRun {
        let ledger = OutsideLedger(world: self)
        var run = SweepRun(plan)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.outsider.run() }
            group.addTask {
                await self.lateCalls.run {
                    await self.record("a late call") { try await ledger.violations() }
                }
            }
            await clock.idle()
            await request(1)
            await conduct(ledger, known, &run)
            group.cancelAll()
        }
        let hits = run.hits
        let isMerged = run.outcome == Self.merged
        if !isMerged {
            await record("the end") { try await ledger.violationsAtEnd(after: hits) }
        }
        let found = found.withLock { $0 }
        run.checks = found.checks
        run.violations += found.violations
        if !isMerged { run.outcome = await outcome() }
        // What stays behind in the temporary folder harms nobody.
        try? await journal.remove()
        return run
    }

    private func outcome() async -> String {
        guard let rotation = try? await journal.reader.rotations(RotationQuery(limit: 1)).first
        else { return "none" }
        return rotation.end?.rawValue ?? (rotation.stuckReason == nil ? "open" : "stuck")
    }

    private func conduct(
        _ ledger: OutsideLedger,
        _ known: KnownStates?,
        _ run: inout SweepRun
    ) async {
        var state = ConductorState()
        while state.lives < ConductorState.livesLimit {
            state.lives += 1
            let left = plan.faults.filter { !run.hits.contains($0) }
            let seam = Seam(
                left,
                countingFrom: state.counts,
                postpone: { self.lateCalls.add($0) },
                die: {}
            ) { point in
                self.clock.spend(Self.callSeconds)
                guard Self.changing.contains(point.name) else { return }
                await self.record("\(point)") { try await ledger.violations() }
            }
            let end = await live(seam, &state)
            run.trace += seam.trace
            run.hits += seam.hits
            state.counts = seam.counts
            switch end {
            case .quiet: return
            case .hopeless(let why): return run.violations.append(why)
            case .left(let why): state.farewell = why
            case .dead: break
            }
            await pass(until: (clock.now.timeIntervalSince1970 + Self.restartSeconds).rounded(.up))
            do {
                try await journal.reopen()
                guard try await isWorthwhile(known, state, &run) else { return }
            } catch {
                return run.violations.append("the journal cannot be opened again: \(error)")
            }
        }
        run.violations.append("no worker stays: \(state.farewell)")
    }

    /// Whether the state from which the next worker starts was not gone on from before.
    private func isWorthwhile(
        _ known: KnownStates?,
        _ state: ConductorState,
        _ run: inout SweepRun
    ) async throws -> Bool {
        guard let known, let digest = try await digest(state, after: run.hits) else { return true }
        run.restarts.append(digest)
        guard run.hits.count == plan.faults.count, !known.isNew(digest) else { return true }
        run.outcome = Self.merged
        return false
    }

    /// The outcome of a run that goes on as another one did.
    static let merged = "merged"

    /// One worker from its start to its end.
    private func live(_ seam: Seam, _ state: inout ConductorState) async -> LifeEnd {
        let connection = outsider.peer(
            subscriptions: SagaBus.workerQueues(hookKinds: SweepDefinition.hookKinds)
        )
        state.connection = connection
        if await isToBeReconfigured { state.isReconfigured = true }
        let worker = makeWorker(seam, connection, isLater: state.isReconfigured)
        let farewell = Farewell()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await worker.run()
                    farewell.say("it ended")
                } catch {
                    farewell.say("\(error)")
                }
            }
            defer { group.cancelAll() }
            while true {
                await clock.idle()
                if seam.isDead { return .dead }
                if let why = farewell.words { return .left(why) }
                if !state.isReconfigured, await isToBeReconfigured {
                    return .left("its configuration has changed")
                }
                do {
                    if try await isQuiet(&state) { return .quiet }
                } catch {
                    return .hopeless("the journal cannot be read: \(error)")
                }
                state.waits += 1
                guard let next = clock.next, next < WorldClock.start + Self.longestRunSeconds,
                    state.waits < ConductorState.waitsLimit
                else { return .hopeless(await unfinished()) }
                clock.advance()
            }
        }
    }

    /// Whether somebody has changed the configuration by now, so that the worker is started again.
    private var isToBeReconfigured: Bool {
        get async {
            guard laterDefinition != nil,
                let newest = try? await journal.reader.rotations(RotationQuery(limit: 1)).first
            else { return false }
            return newest.times.completedAt != nil || newest.isGoingBack
        }
    }

    private func unfinished() async -> String {
        let rotation = try? await journal.reader.rotations(RotationQuery(limit: 1)).first
        guard let rotation else { return "the request is lost: no rotation begins" }
        let why = rotation.stuckReason ?? rotation.lastFailure?.reason ?? "nothing moves"
        return "it does not end: \(rotation.step): \(why)"
    }

    /// Lets time pass while no worker runs.
    private func pass(until seconds: Double) async {
        let end = Date(timeIntervalSince1970: seconds)
        while true {
            await clock.idle()
            guard let next = clock.next, next <= end else { return clock.set(to: end) }
            clock.advance()
        }
    }

    /// Looks; nothing else in the world goes on meanwhile, since nothing here waits for it.
    private func record(
        _ place: String,
        _ look: @Sendable () async throws -> [String]
    ) async {
        let seen: [String]
        do {
            seen = try await look()
        } catch {
            seen = ["the ledger could not look: \(error)"]
        }
        found.withLock { found in
            found.checks += 1
            found.violations += seen.map { "\($0) at \(place)" }
        }
    }

    private static let callSeconds = 0.002
    /// A killed worker's successor starts at a whole second, at least so much later.
    private static let restartSeconds = 1.0
    /// Whatever goes wrong, everything is over by then.
    private static let longestRunSeconds = 6 * 3_600.0
}

/// Why a worker left by itself, once it has.
private final class Farewell: Sendable {
    private let said = Mutex<String?>(nil)

    var words: String? { said.withLock { $0 } }

    func say(_ words: String) { said.withLock { $0 = words } }
}
