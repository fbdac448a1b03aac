import CrashSupport
import RekeyCore

/// Kills the real worker process at each point of one rotation in turn.
///
/// A point before a call leaves outside what the point after the call before it leaves. So the
/// points are those after every call that changes something, and those before a change of an
/// outside system, whose intent is then open.
struct ProcessSweep: Sendable {
    let course: ProcessCourse
    let parts: ProcessParts
    /// One of how many points is tried.
    var stride = 1
    /// What the workers do wrong.
    var planted: PlantedMistake?

    /// How many worlds run side by side, each on queues that only it uses meanwhile.
    private static let lanes = 3
    /// How often a point is tried: how many calls there are before it varies a little.
    private static let attempts = 4
    private static let outside: Set<String> = [
        "vault.app.write", "vault.staging.write", "vault.staging.disable", "target.install",
        "target.issue", "target.regenerate", "target.retire", "workload.refresh", "hook.start",
    ]
    private static let inside: Set<String> = [
        "journal.commit", "journal.receive", "journal.claim", "broker.publish",
        "broker.acknowledge",
    ]

    func run() async throws -> ProcessReport {
        var report = ProcessReport(course)
        report.stride = stride
        try await parts.makeLanes(Self.lanes)
        let whole = try await reach(nil, in: 0)
        report.add(whole, nil)
        guard let plain = whole.last else { return report }
        report.calls = plain.counts.values.reduce(0, +)
        let points = Self.points(of: plain.counts)
        report.points = points.count
        let chosen = points.indices.filter { $0.isMultiple(of: stride) }.map { points[$0] }
        try await withThrowingTaskGroup(of: (Int, SeamPoint, [ProcessRun]).self) { group in
            var waiting = chosen.makeIterator()
            func startNext(
                in lane: Int,
                _ group: inout ThrowingTaskGroup<(Int, SeamPoint, [ProcessRun]), any Error>
            ) {
                guard let point = waiting.next() else { return }
                group.addTask { (lane, point, try await reach(point, in: lane)) }
            }
            for lane in 0..<Self.lanes { startNext(in: lane, &group) }
            while let (lane, point, runs) = try await group.next() {
                report.add(runs, point)
                startNext(in: lane, &group)
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

    /// Rotates anew until a worker has died at the point, and enough was seen of it.
    private func reach(_ point: SeamPoint?, in lane: Int) async throws -> [ProcessRun] {
        var runs: [ProcessRun] = []
        // What a planted mistake leads to shows wherever the worker dies.
        let limit = planted == nil ? Self.attempts : 1
        while runs.last?.isWhole != true, runs.count < limit {
            runs.append(try await rotate(in: lane, at: point))
        }
        return runs
    }

    private func rotate(in lane: Int, at point: SeamPoint?) async throws -> ProcessRun {
        let world = try await parts.makeWorld(
            course.strategy,
            lane: lane,
            planted: planted,
            sharesJournal: course.journal == .postgres
        )
        return try await ProcessRun.make(world, parts, at: point)
    }
}
