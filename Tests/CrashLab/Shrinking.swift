/// Makes a failing run shorter.
package enum Shrinking {
    /// The same failure with fewer faults, where one of them is not needed for it.
    package static func shortest(_ run: SweepRun) async -> SweepRun {
        for count in 0..<run.plan.faults.count {
            let faults = run.plan.faults
            for candidate in count == 0 ? [[]] : faults.map({ [$0] }) {
                let shorter = await Crew().run(FaultPlan(run.plan.course, candidate))
                if !shorter.violations.isEmpty { return shorter }
            }
        }
        return run
    }

    /// Of many failures the one with the fewest faults, the earliest in the order of the runs.
    package static func shortest(of runs: [SweepRun]) async -> SweepRun? {
        let first = runs.enumerated().min {
            ($0.element.plan.faults.count, $0.offset) < ($1.element.plan.faults.count, $1.offset)
        }
        guard let first else { return nil }
        return await shortest(first.element)
    }
}
