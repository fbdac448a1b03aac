import CrashSupport
import Synchronization

/// Runs one course with every fault, one after the other, and with two of them.
package struct Sweep: Sendable {
    /// Which runs with two faults there are.
    package enum Pairs: Sendable, Equatable {
        case none
        /// Every second fault after every first.
        case all
        /// So many of them, drawn from a seed.
        case some(Int, seed: UInt64)
    }

    private let course: Course
    private let crew: Crew
    private let known = KnownStates()

    package init(_ course: Course, crew: Crew = Crew()) {
        self.course = course
        self.crew = crew
    }

    /// Every fault at every point that a run passed since its last fault, the earliest first.
    package static func plans(after run: SweepRun) -> [FaultPlan] {
        let start = run.plan.faults.last.flatMap { run.trace.firstIndex(of: $0.point) }
        return run.trace[(start.map { $0 + 1 } ?? 0)...].flatMap(\.faults).map {
            FaultPlan(run.plan.course, run.plan.faults + [$0])
        }
    }

    /// The run without a fault, and then all with one, and those with two that are asked for.
    package func run(pairs: Pairs = .none) async -> SweepReport {
        var report = SweepReport("\(course)")
        let plain = await crew.run(FaultPlan(course))
        report.points = plain.trace.count
        report.add(plain)
        // Alone, a run is not cut short: its own end is what the others are merged into.
        let singles = await runs(
            Self.plans(after: plain),
            from: pairs == .none ? nil : known,
            &report
        )
        guard pairs != .none else { return report }
        let seconds = representatives(of: singles).flatMap { Self.plans(after: $0) }
        switch pairs {
        case .none: break
        case .all:
            report.pairs = singles.reduce(0) { $0 + Self.plans(after: $1).count }
            _ = await runs(seconds, from: known, &report)
        case .some(let count, let seed):
            var order = SeededChoice(seed)
            _ = await runs(order.choose(count, of: seconds), from: known, &report)
        }
        return report
    }

    /// Of the runs whose worker was started again from one state, the first stands for all.
    private func representatives(of runs: [SweepRun]) -> [SweepRun] {
        var seen: Set<String> = []
        return runs.filter { run in
            guard run.plan.faults.first?.ends == true, let state = run.restarts.first else {
                return true
            }
            return seen.insert(state).inserted
        }
    }

    private func runs(
        _ plans: [FaultPlan],
        from known: KnownStates?,
        _ report: inout SweepReport
    ) async -> [SweepRun] {
        let found = Mutex<[FaultPlan: SweepRun]>([:])
        await crew.run(plans, from: known) { run in found.withLock { $0[run.plan] = run } }
        let runs = found.withLock { found in plans.compactMap { found[$0] } }
        for run in runs { report.add(run) }
        return runs
    }
}

/// Draws from a seed, the same each time (SplitMix64).
package struct SeededChoice: RandomNumberGenerator, Sendable {
    private var word: UInt64

    package init(_ seed: UInt64) { word = seed }

    package mutating func next() -> UInt64 {
        word &+= 0x9E37_79B9_7F4A_7C15
        var mixed = word
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// So many of them, each at most once, in their order.
    mutating func choose<Item>(_ count: Int, of items: [Item]) -> [Item] {
        items.indices.shuffled(using: &self).prefix(count).sorted().map { items[$0] }
    }
}
