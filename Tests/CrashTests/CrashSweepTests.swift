import CrashLab
import RekeyCore
import Testing

/// A part of what `rekey-lab sweep --all` does.
@Suite(.serialized, .timeLimit(.minutes(10))) struct `Killed, failed or left in the dark anywhere` {
    /// What closes, of every strategy, and what goes back, of those that differ in how.
    private static let courses =
        Strategy.allCases.map { Course($0) }
        + [Strategy.alternate, .addThenRemove].map { Course($0, .noEvidence) }

    @Test func `a rotation locks nobody out, loses nothing and ends`() async {
        var sum = SweepReport("in process, all strategies")
        for course in Self.courses {
            let report = await Sweep(course).run()
            Report.write(report)
            #expect(report.points > 350)
            #expect(report.unreached == 0)
            let shortest = await Shrinking.shortest(of: report.failures)
            let what = shortest.map { "\($0.plan)\n\($0.violations.joined(separator: "\n"))" }
            #expect(report.failures.isEmpty, "\(report)\n\(what ?? "")")
            sum.add(report)
        }
        Report.write(sum)
    }

    @Test func `a rotation that a workload joins does not lock that one out`() async {
        let report = await Sweep(Course(.alternate, .joined)).run()
        Report.write(report)
        #expect(report.points > 350)
        #expect(report.unreached == 0)
        let shortest = await Shrinking.shortest(of: report.failures)
        let what = shortest.map { "\($0.plan)\n\($0.violations.joined(separator: "\n"))" }
        #expect(report.failures.isEmpty, "\(report)\n\(what ?? "")")
    }

    @Test(arguments: Mistake.allCases)
    func `a planted mistake is found`(mistake: Mistake) async throws {
        let hunt = await Hunt.find(mistake)
        let run = try #require(hunt.run, "\(mistake.name): \(hunt.tried) runs found nothing")
        Report.write("\(mistake.name), \(hunt.tried) runs: \(run.plan): \(run.violations[0])")
        // The mistake is to blame, and not what happened to the worker besides.
        var course = mistake.course
        course.mistake = nil
        let innocent = await Crew().run(FaultPlan(course, run.plan.faults))
        #expect(innocent.violations == [])
    }

    @Test(
        arguments: [
            "alternate/plain/once/memory: crash at vault.app.write#2 after",
            "addThenRemove/noEvidence/swapped/sqlite: crash at journal.commit#20 after",
        ]
    )
    func `the same plan does the same each time`(text: String) async throws {
        let plan = try #require(FaultPlan(text))
        #expect("\(plan)" == text)
        let first = await Crew().run(plan)
        let second = await Crew().run(plan)
        #expect(first.trace == second.trace)
        #expect(first.hits.count == 1)
        #expect(first.outcome == second.outcome)
        #expect(first.violations == [])
    }

    // A write whose answer was lost, and which was made again, landed after all: going back took it
    // for somebody else's, and after a compromise the old value was back.
    @Test(
        arguments: [
            "replace/noEvidence/once/memory: late at vault.app.write#1 before",
            "valueOnly/compromise/once/memory: late at vault.app.write#1 before",
            "valueOnly/noEvidence/once/memory: crashLate at vault.app.write#1 before"
                + " + permanent at vault.staging.version#2 before",
        ]
    )
    func `a write that lands late changes nothing`(text: String) async throws {
        let plan = try #require(FaultPlan(text))
        let run = await Crew().run(plan)
        #expect(run.hits.count == plan.faults.count)
        #expect(run.violations == [])
    }

    // The commit that began a rotation was made, and failed for its caller: the request was decided
    // once more, found its own rotation, and a compromise began a second.
    @Test(
        arguments: [
            "addThenRemove/compromise/once/memory: unknown at journal.commit#2 after",
            "addThenRemove/overdue/once/memory: unknown at journal.commit#2 after",
        ]
    )
    func `a beginning that failed and happened is one beginning`(text: String) async throws {
        let run = await Crew().run(try #require(FaultPlan(text)))
        #expect(run.hits.count == 1)
        #expect(run.violations == [])
    }

    @Test(arguments: Strategy.allCases, DeliveryOrder.allCases)
    func `a rotation ends however its events are delivered`(
        strategy: Strategy,
        order: DeliveryOrder
    ) async {
        let course = Course(strategy, order: order, journal: .sqlite)
        let run = await Crew().run(FaultPlan(course))
        #expect(run.violations == [])
        #expect(run.outcome == "closed")
    }
}
