import CrashSupport
import Foundation
import RealParts
import RekeyCore
import RekeyPorts

/// What a sweep did, and what it found.
struct SweepReport: Sendable, CustomStringConvertible {
    var name: String
    var points = 0
    var runs = 0
    var unreached = 0
    var checks = 0
    /// Each with the fault after which it was seen.
    var violations: [String] = []

    /// Adds what another sweep did.
    mutating func add(_ other: SweepReport) {
        points += other.points
        runs += other.runs
        unreached += other.unreached
        checks += other.checks
        violations += other.violations
    }

    var description: String {
        "crash sweep \(name): points \(points), runs \(runs), unreached \(unreached), "
            + "checks \(checks), violations \(violations.count)"
    }
}

/// Runs one rotation with one fault at each of its points in turn.
struct Sweep: Sendable {
    let strategy: Strategy
    let scenario: SweepScenario
    var planted: Planted?

    private static let kinds: [SeamFault.Kind] = [.crash, .transient, .unknown]
    /// How many worlds run side by side: they mostly wait.
    private static let atOnce = 24
    private static let runLimit = Duration.seconds(30)
    /// Of a run with a planted mistake, which may never end.
    private static let plantedRunLimit = Duration.seconds(10)
    /// How many rotations without a fault say which points there are.
    private static let plainRuns = 8
    /// How often a fault is tried: which call of a name is the last one varies with time.
    private static let attempts = 6

    /// Every point of a run without a fault, with every fault that makes sense there; or only one
    /// of `stride` of these, until something is found.
    func run(every stride: Int = 1, untilFound: Bool = false) async throws -> SweepReport {
        var report = SweepReport(name: "\(strategy)/\(scenario)")
        let points = try await self.points(&report)
        report.points = points.count
        let all = points.flatMap { point in
            Self.kinds.compactMap { kind -> SeamFault? in
                if kind == .transient, point.side == .after { return nil }
                if kind == .unknown, point.side == .before { return nil }
                return SeamFault(kind, at: point)
            }
        }
        let faults = all.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        try await withThrowingTaskGroup(of: (SeamFault, [SweepRun]).self) { group in
            var next = faults.makeIterator()
            for _ in 0..<Self.atOnce {
                guard let fault = next.next() else { break }
                group.addTask { (fault, try await reach(fault)) }
            }
            while let (fault, runs) = try await group.next() {
                if runs.last?.wasHit != true { report.unreached += 1 }
                for run in runs { add(run, "\(fault)", to: &report) }
                if untilFound, !report.violations.isEmpty { return group.cancelAll() }
                if let fault = next.next() {
                    group.addTask { (fault, try await reach(fault)) }
                }
            }
        }
        return report
    }

    /// The calls that every run makes, before and after each.
    private func points(_ report: inout SweepReport) async throws -> [SeamPoint] {
        let plain = try await withThrowingTaskGroup(of: SweepRun.self) { group in
            for _ in 0..<Self.plainRuns { group.addTask { try await rotate(nil) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for run in plain { add(run, "without a fault", to: &report) }
        let first = plain.first?.counts ?? [:]
        return first.keys.sorted().flatMap { name in
            let count = plain.map { $0.counts[name] ?? 0 }.min() ?? 0
            return (0..<count).flatMap { ordinal in
                SeamPoint.Side.allCases.map { SeamPoint(name, ordinal + 1, $0) }
            }
        }
    }

    /// Rotates anew until the fault has happened.
    private func reach(_ fault: SeamFault) async throws -> [SweepRun] {
        var runs: [SweepRun] = []
        while runs.last?.wasHit != true, runs.count < Self.attempts, !Task.isCancelled {
            runs.append(try await rotate(fault))
        }
        return runs
    }

    /// One rotation with one fault, to its end.
    func rotate(_ fault: SeamFault?) async throws -> SweepRun {
        let world = try await SweepWorld(strategy, scenario, planted: planted)
        let limit = planted == nil ? Self.runLimit : Self.plantedRunLimit
        return await world.run(fault, within: limit)
    }

    private func add(_ run: SweepRun, _ fault: String, to report: inout SweepReport) {
        report.runs += 1
        report.checks += run.checks
        report.violations += run.violations.map { "\(report.name), \(fault): \($0)" }
    }
}

/// What came of one rotation.
struct SweepRun: Sendable {
    var counts: [String: Int]
    var wasHit: Bool
    var checks: Int
    var violations: [String]
}
