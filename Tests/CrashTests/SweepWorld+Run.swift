import CrashSupport
import InMemoryBroker
import InMemoryJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

extension SweepWorld {
    /// After these calls something outside may have changed.
    private static let changing: Set<String> = [
        "vault.app.write", "vault.staging.write", "vault.staging.disable", "target.install",
        "target.issue", "target.regenerate", "target.value", "target.retire", "workload.refresh",
        "journal.commit", "hook.start",
    ]

    /// Rotates with one fault, with a new worker whenever one died, until nothing is left to do.
    func run(_ fault: SeamFault?, within limit: Duration) async -> SweepRun {
        let ledger = OutsideLedger(world: self)
        let (deaths, death) = AsyncStream.makeStream(of: Void.self)
        let seam = Seam(fault, die: { death.finish() }) { point in
            guard Self.changing.contains(point.name) else { return }
            await self.record("\(point)") { try await ledger.violations() }
        }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.outsider.run() }
                group.addTask { try await self.rotate(seam, until: deaths, limit) }
                // The outsider runs until it is cancelled, so the rotation ends first.
                try await group.next()
                group.cancelAll()
            }
        } catch {
            let end = try? await journal.rotations(RotationQuery(limit: 1)).first
            let place = end.map { "\($0.step) \($0.stuckReason ?? $0.lastFailure?.reason ?? "")" }
            found.withLock { $0.violations.append("\(error) at \(place ?? "no rotation")") }
        }
        await record("end") { try await ledger.violationsAtEnd() }
        let found = found.withLock { $0 }
        return SweepRun(
            counts: seam.counts,
            wasHit: seam.wasHit || fault == nil,
            checks: found.checks,
            violations: found.violations
        )
    }

    private func record(_ place: String, _ look: () async throws -> [String]) async {
        let seen = (try? await look()) ?? ["the ledger could not look"]
        found.withLock { found in
            found.checks += 1
            found.violations += seen.map { "\($0) at \(place)" }
        }
    }

    private func rotate(
        _ seam: Seam,
        until deaths: AsyncStream<Void>,
        _ limit: Duration
    ) async throws {
        try await eventually("the outsider is connected") { self.outsider.state.isPublishing }
        await request()
        let isDead = try await withWorker(seam) { group in
            group.addTask {
                for await _ in deaths {}
                try Task.checkCancellation()
                return true
            }
            group.addTask { try await self.quiescence(limit) }
        }
        guard isDead else { return }
        journal.reopen()
        _ = try await withWorker(Seam(die: {})) { group in
            group.addTask { try await self.quiescence(limit) }
        }
    }

    /// Runs a worker until one of the tasks that `watch` adds answers.
    private func withWorker(
        _ seam: Seam,
        _ watch: (inout ThrowingTaskGroup<Bool, any Error>) -> Void
    ) async throws -> Bool {
        let worker = makeWorker(seam)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await worker.run()
                throw PartFailure("the worker ended by itself")
            }
            watch(&group)
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    /// Waits until a rotation is over, and the journal has nothing left to do.
    private func quiescence(_ limit: Duration) async throws -> Bool {
        try await eventually(within: limit, "the rotation ends") {
            let counts = try await self.journal.counts()
            guard counts.openRotations == 0, counts.waitingInbox == 0, counts.unsentOutbox == 0
            else { return false }
            return try await !self.journal.rotations(RotationQuery(limit: 1)).isEmpty
        }
        return false
    }
}
