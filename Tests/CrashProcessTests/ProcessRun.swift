import CrashSupport
import Foundation
import Glibc
import RealParts
import RekeyCore

/// One rotation by real worker processes, watched from this one.
struct ProcessRun: Sendable {
    /// How often each call was made, by all workers.
    var counts: [String: Int] = [:]
    /// Whether the worker died at the point, or was not to.
    var wasHit = false
    var seen = ProcessObserver.Seen()
    /// What the ledger looked at once it was over.
    var checks = 0
    /// The gap that the completion reports, and what of it was seen, in seconds.
    var gap: ProcessGap?
    /// Of a worker that stood still.
    var standing: StandingRun.Outcome?
    var violations: [String] = []

    /// Whether it says something about its point.
    var isWhole: Bool { wasHit && seen.isEnough }

    private static let limit = Duration.seconds(90)
    private static let pause = Duration.milliseconds(15)
    /// How long after the end a worker may take to die at a point of its last calls.
    private static let lastPoint = Duration.milliseconds(300)

    /// Rotates in `world`, with a new worker once the first has died or stands still.
    static func make(
        _ world: ProcessWorld,
        _ parts: ProcessParts,
        _ trouble: ProcessTrouble?
    ) async throws -> ProcessRun {
        let watching = Task { await ProcessObserver(world: world).watch() }
        var run = ProcessRun()
        do {
            try await run.live(in: world, parts, trouble)
        } catch {
            run.violations.append("\(error)")
        }
        run.counts = world.counts
        watching.cancel()
        run.seen = await watching.value
        do {
            let ledger = ProcessLedger(world: world, parts: parts)
            let found = try await ledger.look(at: run.seen.refusals)
            run.checks += found.checks
            run.gap = found.gap
            run.violations += found.violations
        } catch {
            run.violations.append("the ledger cannot look: \(error)")
        }
        run.violations += try await parts.empty(world.file.broker.virtualHost)
        return run
    }

    private mutating func live(
        in world: ProcessWorld,
        _ parts: ProcessParts,
        _ trouble: ProcessTrouble?
    ) async throws {
        guard let trouble, let handover = trouble.handover else {
            let hasDied = try await Self.live(in: world, at: trouble?.point)
            return wasHit = hasDied || trouble == nil
        }
        let run = StandingRun(world: world, parts: parts, handover: handover)
        standing = try await run.live(at: trouble.point)
        wasHit = standing != nil
        checks += standing?.checks ?? 0
        violations += standing?.violations ?? []
    }

    /// Answers whether the worker died at the point.
    private static func live(
        in world: ProcessWorld,
        at point: SeamPoint?
    ) async throws -> Bool {
        var worker = try world.startWorker(point)
        var hasDied = false
        var end = ContinuousClock.now + limit
        var isOver = false
        while true {
            if let exit = worker.exit {
                guard !hasDied, exit == .signal(SIGKILL) else {
                    throw PartFailure("the worker ended as \(exit): \(worker.errors.suffix(500))")
                }
                hasDied = true
                isOver = false
                worker = try world.startWorker(nil)
                end = ContinuousClock.now + limit
            }
            if !isOver, try await world.isOver() {
                isOver = true
                end = ContinuousClock.now + (hasDied || point == nil ? .zero : lastPoint)
            }
            guard ContinuousClock.now < end else { break }
            try await Task.sleep(for: pause)
        }
        worker.kill()
        _ = try await worker.waitForExit()
        guard isOver else {
            throw PartFailure("the rotation does not end: \(worker.errors.suffix(500))")
        }
        return hasDied
    }
}
