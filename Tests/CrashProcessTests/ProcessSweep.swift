import CrashSupport
import Foundation
import RealParts
import RekeyCore

/// Kills the real worker process at each point of one rotation in turn.
///
/// A point before a call leaves outside what the point after the call before it leaves. So the
/// points are those after every call that changes something, and those before a change of an
/// outside system, whose intent is then open.
struct ProcessSweep: Sendable {
    struct Report: Sendable, CustomStringConvertible {
        var name: String
        var calls = 0
        var points = 0
        var stride = 1
        var runs = 0
        var unreached = 0
        var signIns = 0
        var lists = 0
        var seconds = 0.0
        var violations: [String] = []

        var description: String {
            "process sweep \(name): calls \(calls), points \(points), every \(stride), "
                + "runs \(runs), unreached \(unreached), sign-ins \(signIns), lists \(lists), "
                + "each second \(Int(Double(signIns) / max(seconds, 1))) and "
                + "\(Int(Double(lists) / max(seconds, 1))), "
                + "violations \(violations.count)"
        }
    }

    let strategy: Strategy
    let parts: ProcessParts
    /// How many points are tried at most; more are thinned out evenly.
    let runLimit: Int

    private static let atOnce = 2
    private static let limit = Duration.seconds(90)
    private static let outside: Set<String> = [
        "vault.app.write", "vault.staging.write", "vault.staging.disable", "target.install",
        "target.issue", "target.retire", "workload.refresh",
    ]
    private static let inside: Set<String> = [
        "journal.commit", "journal.receive", "journal.claim", "broker.publish",
        "broker.acknowledge",
    ]

    func run() async throws -> Report {
        var report = Report(name: "\(strategy)")
        let plain = try await rotate(0, nil)
        add(plain, nil, to: &report)
        report.calls = plain.counts.values.reduce(0, +)
        let points = Self.points(of: plain.counts)
        report.points = points.count
        report.stride = max(1, (points.count + runLimit - 1) / runLimit)
        let chosen = points.indices.filter { $0.isMultiple(of: report.stride) }.map { points[$0] }
        try await withThrowingTaskGroup(of: (SeamPoint, ProcessRun).self) { group in
            var waiting = chosen.enumerated().makeIterator()
            func startNext(_ group: inout ThrowingTaskGroup<(SeamPoint, ProcessRun), any Error>) {
                guard let (index, point) = waiting.next() else { return }
                group.addTask { (point, try await rotate(index + 1, point)) }
            }
            for _ in 0..<Self.atOnce { startNext(&group) }
            while let (point, run) = try await group.next() {
                add(run, point, to: &report)
                startNext(&group)
            }
        }
        return report
    }

    private static func points(of counts: [String: Int]) -> [SeamPoint] {
        counts.sorted { $0.key < $1.key }.flatMap { name, count -> [SeamPoint] in
            guard outside.contains(name) || inside.contains(name) else { return [] }
            let sides: [SeamPoint.Side] = outside.contains(name) ? [.before, .after] : [.after]
            return (1...count).flatMap { ordinal in sides.map { SeamPoint(name, ordinal, $0) } }
        }
    }

    /// One rotation, with a new worker once the first has died.
    private func rotate(_ number: Int, _ point: SeamPoint?) async throws -> ProcessRun {
        let kind = strategy == .alternate ? "roles" : "secrets"
        let world = try await parts.makeWorld("crash-\(kind)-\(number)", strategy)
        let watching = Task { await ProcessObserver(world: world).watch() }
        var run = ProcessRun()
        do {
            run.wasHit = try await live(world, point)
        } catch {
            run.violations.append("\(error)")
        }
        run.counts = world.counts
        watching.cancel()
        run.seen = await watching.value
        do {
            run.violations += try await ProcessLedger(world: world, parts: parts).violations()
        } catch {
            run.violations.append("the ledger cannot look: \(error)")
        }
        // A broker with the queues of a hundred worlds would be slow for those that follow.
        try await parts.broker.deleteVirtualHost(world.name)
        return run
    }

    /// Answers whether the worker died at the point.
    private func live(_ world: ProcessWorld, _ point: SeamPoint?) async throws -> Bool {
        var worker = try world.startWorker(point)
        var hasDied = false
        try await eventually(within: Self.limit, "the rotation of \(world.name) ends") {
            if let exit = worker.exit {
                guard !hasDied, exit == .signal(SIGKILL) else {
                    throw PartFailure("the worker ended as \(exit): \(worker.errors.suffix(500))")
                }
                hasDied = true
                worker = try world.startWorker(nil)
            }
            return try await world.rotation().isIdle
        }
        worker.kill()
        _ = try await worker.waitForExit()
        return hasDied || point == nil
    }

    private func add(_ run: ProcessRun, _ point: SeamPoint?, to report: inout Report) {
        report.runs += 1
        report.signIns += run.seen.signIns
        report.lists += run.seen.lists
        report.seconds += run.seen.seconds
        if !run.wasHit { report.unreached += 1 }
        let place = point.map { "killed at \($0)" } ?? "not killed"
        report.violations += (run.violations + run.seen.violations).map {
            "\(strategy), \(place): \($0)"
        }
    }
}

/// What came of one rotation.
struct ProcessRun: Sendable {
    var counts: [String: Int] = [:]
    var wasHit = false
    var seen = ProcessObserver.Seen()
    var violations: [String] = []
}
