/// Looks for a mistake: without a fault, then with every single one, the earliest first.
package struct Hunt: Sendable {
    package let mistake: Mistake
    package let tried: Int
    /// The shortest run that shows it; nil where none does.
    package let run: SweepRun?

    package static func find(_ mistake: Mistake, crew: Crew = Crew()) async -> Hunt {
        let plain = await crew.run(FaultPlan(mistake.course))
        guard plain.violations.isEmpty else { return Hunt(mistake: mistake, tried: 1, run: plain) }
        let plans = Sweep.plans(after: plain)
        guard let found = await crew.firstFailure(among: plans) else {
            return Hunt(mistake: mistake, tried: plans.count + 1, run: nil)
        }
        return Hunt(mistake: mistake, tried: found.tried + 1, run: found.run)
    }
}
