import CrashLab
import CrashSupport
import RekeyCore
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct `A journal of the first format` {
    /// After these calls a rotation is at another place, or something outside is.
    private static let turns: Set<String> = [
        "journal.commit", "vault.app.write", "vault.staging.write", "vault.staging.disable",
        "target.install", "target.issue", "target.regenerate", "target.retire",
        "workload.refresh", "hook.start",
    ]

    /// The file is taken back to that format wherever a worker dies, and the next one migrates it.
    ///
    /// `rekey-lab sweep --all` does the same with every fault and strategy.
    @Test(arguments: [Strategy.alternate, .valueOnly])
    func `is gone on with wherever its worker died`(strategy: Strategy) async {
        let course = Course(strategy, journal: .older)
        let plain = await Crew().run(FaultPlan(course))
        #expect(plain.violations == [])
        let points = plain.trace.filter { $0.side == .after && Self.turns.contains($0.name) }
        #expect(points.count > 35)
        let plans = points.map { FaultPlan(course, [SeamFault(.crash, at: $0)]) }
        let failure = await Crew().firstFailure(among: plans)
        #expect(failure?.run.plan == nil, "\(failure?.run.violations ?? [])")
        Report.write("first format, \(strategy): \(points.count) deaths")
    }
}
