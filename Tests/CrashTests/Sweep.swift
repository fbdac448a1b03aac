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

    /// Every point of a run without a fault, with every fault that makes sense there; or only one
    /// of `stride` of these.
    func run(every stride: Int = 1) async throws -> SweepReport {
        var report = SweepReport(name: "\(strategy)/\(scenario)")
        let plain = try await rotate(nil)
        add(plain, "without a fault", to: &report)
        let points = plain.counts.sorted { $0.key < $1.key }.flatMap { name, count in
            (1...count).flatMap { ordinal in
                SeamPoint.Side.allCases.map { SeamPoint(name, ordinal, $0) }
            }
        }
        report.points = points.count
        let all = points.flatMap { point in
            Self.kinds.compactMap { kind -> SeamFault? in
                if kind == .transient, point.side == .after { return nil }
                if kind == .unknown, point.side == .before { return nil }
                return SeamFault(kind, at: point)
            }
        }
        let faults = all.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        try await withThrowingTaskGroup(of: (SeamFault, SweepRun).self) { group in
            var next = faults.makeIterator()
            for _ in 0..<Self.atOnce {
                guard let fault = next.next() else { break }
                group.addTask { (fault, try await rotate(fault)) }
            }
            while let (fault, run) = try await group.next() {
                add(run, "\(fault)", to: &report)
                if let fault = next.next() {
                    group.addTask { (fault, try await rotate(fault)) }
                }
            }
        }
        return report
    }

    /// One rotation with one fault, to its end.
    func rotate(_ fault: SeamFault?) async throws -> SweepRun {
        let world = try await SweepWorld(strategy, scenario, planted: planted)
        return await world.run(fault, within: Self.runLimit)
    }

    private func add(_ run: SweepRun, _ fault: String, to report: inout SweepReport) {
        report.runs += 1
        report.checks += run.checks
        if !run.wasHit { report.unreached += 1 }
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
