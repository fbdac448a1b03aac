import RekeyCore
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct `Killed, failed or left in the dark anywhere` {
    @Test func `a rotation locks nobody out, loses nothing and ends`() async throws {
        var sum = SweepReport(name: "in process, all strategies")
        for strategy in Strategy.allCases {
            for scenario in SweepScenario.all(of: strategy) {
                let report = try await Sweep(strategy: strategy, scenario: scenario).run()
                Report.write(report)
                #expect(report.points > 100)
                #expect(report.unreached == 0)
                let some = report.violations.prefix(20).joined(separator: "\n")
                #expect(report.violations.isEmpty, "\(report)\n\(some)")
                sum.add(report)
            }
        }
        Report.write(sum)
    }

    @Test(arguments: Planted.allCases)
    func `a planted mistake is found`(planted: Planted) async throws {
        let report = try await Sweep(
            strategy: planted == .losesStagedValue ? .alternate : .addThenRemove,
            scenario: .plain,
            planted: planted
        ).run(every: 10, untilFound: true)
        Report.write("planted \(planted): \(report)")
        #expect(!report.violations.isEmpty)
    }
}
