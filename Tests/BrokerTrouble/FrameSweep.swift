package import RealParts
import RekeyCore
import RekeyPorts
import Synchronization

/// Cuts, delays or stalls a worker's connection at every frame of one rotation, a fault a run.
package struct FrameSweep: Sendable {
    /// What several lanes have found.
    package struct Report: Sendable, CustomStringConvertible {
        package var name = "frames"
        package var frames: [FrameKind: Int] = [:]
        package var points = 0
        package var runs = 0
        package var unreached = 0
        package var looks = 0
        package var broken = 0
        package var kinds: [FrameFault.Kind: Int] = [:]
        package var violations: [String] = []
        package var seconds = 0.0

        package var description: String {
            let kinds = kinds.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return "\(name): \(frames.values.reduce(0, +)) frames, \(points) points, \(runs) runs "
                + "(\(kinds)), \(unreached) not reached, \(looks) looks, "
                + "\(violations.count) violations, \(Int(seconds.rounded())) s"
        }
    }

    private let node: PrivateRabbitMQ
    private let lanes: Int
    /// Of so many points one is tried.
    private let stride: Int
    private let isHasty: Bool

    /// `isHasty` plants a mistake in the worker, and ends with the first run that shows it.
    package init(on node: PrivateRabbitMQ, lanes: Int = 6, stride: Int = 1, isHasty: Bool = false) {
        self.node = node
        self.lanes = lanes
        self.stride = stride
        self.isHasty = isHasty
    }

    /// Goes through the points that a clean run has shown.
    package func run() async throws -> Report {
        let clock = ContinuousClock()
        let start = clock.now
        let first = try await makeLane(0)
        let frames = try await first.run { try await $0.cleanRun() }
        let all = Self.points(frames)
        let chosen = Swift.stride(from: 0, to: all.count, by: stride).map { all[$0] }
        let work = Work(chosen, Report(frames: frames, points: all.count), endsEarly: isHasty)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<lanes {
                group.addTask { try await goThrough(work, lane: number) }
            }
            try await group.waitForAll()
        }
        var report = work.report
        report.seconds = start.duration(to: clock.now) / .seconds(1)
        return report
    }

    private func goThrough(_ work: Work, lane number: Int) async throws {
        let lane = try await makeLane(number)
        try await lane.run { lane in
            while let fault = work.next() {
                let found = try await lane.run(fault)
                work.change { $0.add(found, fault) }
            }
            let looks = lane.rig.world.ledger.looks
            work.change { $0.looks += looks }
        }
    }

    private func makeLane(_ number: Int) async throws -> FrameLane {
        let name = "/frames-\(isHasty ? "hasty-" : "")\(number)"
        return try await FrameLane.make(on: node, virtualHost: name, isHasty: isHasty)
    }

    /// Neighbours differ in kind and place, so that a stride goes through all of them.
    static func points(_ frames: [FrameKind: Int]) -> [FrameFault] {
        FrameKind.allCases.flatMap { frame in
            (0..<frames[frame, default: 0]).flatMap { ordinal in
                FrameFault.Place.allCases.flatMap { place in
                    FrameFault.Kind.allCases.map { FrameFault($0, place, frame, ordinal + 1) }
                }
            }
        }
    }
}

/// What is left to do, and what was found.
private final class Work: Sendable {
    private let left: Mutex<ArraySlice<FrameFault>>
    private let found: Mutex<FrameSweep.Report>

    private let endsEarly: Bool

    init(_ faults: [FrameFault], _ report: FrameSweep.Report, endsEarly: Bool) {
        self.endsEarly = endsEarly
        left = Mutex(faults[...])
        found = Mutex(report)
    }

    var report: FrameSweep.Report { found.withLock { $0 } }

    func next() -> FrameFault? {
        if endsEarly, !report.violations.isEmpty { return nil }
        return left.withLock { $0.popFirst() }
    }

    func change(_ body: (inout FrameSweep.Report) -> Void) { found.withLock { body(&$0) } }
}

extension FrameSweep.Report {
    fileprivate mutating func add(_ found: FrameLane.Found, _ fault: FrameFault) {
        runs += 1
        kinds[fault.kind, default: 0] += 1
        if !found.isHit { unreached += 1 }
        broken += found.broken
        violations += found.violations.map { "\(fault): \($0)" }
    }
}
