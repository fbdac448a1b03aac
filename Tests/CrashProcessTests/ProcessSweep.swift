import CrashSupport
import RekeyCore

/// Kills the real worker process at each point of one rotation in turn, or has it stand still.
///
/// A point before a call leaves outside what the point after the call before it leaves. So a worker
/// is killed after every call that changes something, and before a change of an outside system,
/// whose intent is then open. One that stands still makes the call when it goes on: it stands
/// before and after every change, and after every look.
struct ProcessSweep: Sendable {
    let course: ProcessCourse
    let parts: ProcessParts
    /// One of how many points is tried.
    var stride = 1
    /// What the workers do wrong.
    var planted: PlantedMistake?
    /// These alone, in place of all that there are.
    var troubles: [ProcessTrouble]?

    /// How many worlds run side by side, each on queues that only it uses meanwhile.
    ///
    /// While a worker stands still, its world waits for most of the time. Of the others two keep
    /// two cores busy: a third slowed all down, and its looks came less often than they have to.
    /// So it was with six whose worker stands still where each look is a TLS session of its own.
    private var lanes: Int {
        guard course.stands else { return 2 }
        return switch course.strategy {
        case .dualKey, .valueOnly: 6
        case .replace, .alternate, .addThenRemove: 3
        }
    }
    /// How often a point is tried: how many calls there are before it varies a little.
    private static let attempts = 4
    /// How often a long sweep says how far it is.
    private static let runsBetweenLines = 50
    private static let outside: Set<String> = [
        "vault.app.write", "vault.staging.write", "vault.staging.disable", "target.install",
        "target.issue", "target.regenerate", "target.retire", "workload.refresh", "hook.start",
    ]
    private static let inside: Set<String> = [
        "journal.commit", "journal.receive", "journal.claim", "broker.publish",
        "broker.acknowledge",
    ]
    /// They change something too, and a successor of a killed worker needs neither.
    private static let passing: Set<String> = ["journal.release", "broker.reject"]

    func run() async throws -> ProcessReport {
        var report = ProcessReport(course)
        report.stride = stride
        try await parts.makeLanes(lanes)
        let all: [ProcessTrouble]
        if let troubles {
            all = troubles
        } else {
            let whole = try await reach(nil, in: 0)
            report.add(whole, nil)
            guard let plain = whole.last else { return report }
            report.calls = plain.counts.values.reduce(0, +)
            all = troubles(in: plain.counts)
        }
        report.points = Set(all.map(\.point)).count
        let chosen = all.indices
            .filter { $0.isMultiple(of: stride) || isInGap(all[$0].point) }.map { all[$0] }
        try await withThrowingTaskGroup(of: (Int, ProcessTrouble, [ProcessRun]).self) { group in
            var waiting = chosen.makeIterator()
            func startNext(
                in lane: Int,
                _ group: inout ThrowingTaskGroup<(Int, ProcessTrouble, [ProcessRun]), any Error>
            ) {
                guard let trouble = waiting.next() else { return }
                group.addTask { (lane, trouble, try await reach(trouble, in: lane)) }
            }
            for lane in 0..<lanes { startNext(in: lane, &group) }
            while let (lane, trouble, runs) = try await group.next() {
                report.add(runs, trouble)
                if report.runs.isMultiple(of: Self.runsBetweenLines) {
                    let told = "\(course): \(report.runs) runs of \(chosen.count) or more"
                    ProcessReport.tell(told)
                }
                startNext(in: lane, &group)
            }
        }
        return report
    }

    /// Whether a worker that dies there leaves a gap for long enough to be looked at.
    private func isInGap(_ point: SeamPoint) -> Bool {
        !course.strategy.overlaps && planted == nil
            && point == SeamPoint("target.install", 1, .after)
    }

    /// What is done to a worker that makes these calls, one after the other.
    private func troubles(in counts: [String: Int]) -> [ProcessTrouble] {
        let points = counts.sorted { $0.key < $1.key }.flatMap { name, count in
            let sides = course.stands ? Self.standstills(at: name) : Self.kills(at: name)
            return (1...count).flatMap { ordinal in sides.map { SeamPoint(name, ordinal, $0) } }
        }
        let handovers: [Handover?] = course.stands ? Handover.allCases : [nil]
        return points.flatMap { point in
            handovers.map { ProcessTrouble(point: point, handover: $0) }
        }.filter { trouble in
            course.namedPoint.map { trouble.description.contains($0) } ?? true
        }
    }

    private static func kills(at name: String) -> [SeamPoint.Side] {
        if outside.contains(name) { return [.before, .after] }
        return inside.contains(name) ? [.after] : []
    }

    private static func standstills(at name: String) -> [SeamPoint.Side] {
        let isChange = outside.union(inside).union(passing).contains(name)
        return isChange ? [.before, .after] : [.after]
    }

    /// Rotates anew until a worker has come to the point, and enough was seen of it.
    private func reach(_ trouble: ProcessTrouble?, in lane: Int) async throws -> [ProcessRun] {
        var runs: [ProcessRun] = []
        // What a planted mistake leads to shows wherever the worker dies.
        let limit = planted == nil ? Self.attempts : 1
        while runs.last?.isWhole != true, runs.count < limit {
            runs.append(try await rotate(in: lane, trouble))
        }
        return runs
    }

    private func rotate(in lane: Int, _ trouble: ProcessTrouble?) async throws -> ProcessRun {
        let world = try await parts.makeWorld(
            course.strategy,
            lane: lane,
            planted: planted,
            sharesJournal: course.journal == .postgres,
            pace: trouble?.handover?.pace
        )
        return try await ProcessRun.make(world, parts, trouble)
    }
}
