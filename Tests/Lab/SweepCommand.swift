import ArgumentParser
import CrashLab
import CrashSupport
import Foundation
import RekeyCore

/// Goes through every fault at every point of every course.
struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Every fault at every call, in process, and planted mistakes to be found.",
        discussion: """
            A course is a strategy, what befalls the rotation, the order in which events are \
            delivered, and the journal. A run is a course with no, one or two faults: the process \
            ends before or after a call, or a call fails, or its answer is lost, or its request \
            arrives late. After every effect a ledger outside asks whether anybody is locked out \
            and whether anything accepted is unknown.

            Time is the world's own and everything in one world runs in one order, so that a plan \
            does the same each time.
            """
    )

    @Flag(help: "All orders of delivery, a journal in a file, and two faults a run.")
    var all = false

    @Option(help: "Only this strategy.")
    var strategy: String?

    @Option(help: "Only courses whose name holds this, such as /late/ or sqlite.")
    var course: String?

    @Option(help: "Run this plan alone, such as a failing one that was printed.")
    var replay: String?

    @Option(help: "How many pairs of faults are drawn where not all are gone through.")
    var pairs = 400

    @Option(help: "The seed by which they are drawn.")
    var seed: UInt64 = 1

    @Option(help: "How many runs go on at once.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "End with one line of JSON.")
    var json = false

    func validate() throws {
        if let strategy, Strategy(rawValue: strategy) == nil {
            let names = Strategy.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--strategy is one of \(names)")
        }
        if let replay, FaultPlan(replay) == nil {
            throw ValidationError("--replay is a plan as this command prints them")
        }
        guard (1...256).contains(threads) else { throw ValidationError("--threads is 1 to 256") }
        guard (0...1_000_000).contains(pairs) else {
            throw ValidationError("--pairs is 0 to 1000000")
        }
    }

    func run() async throws {
        if let plan = replay.flatMap({ FaultPlan($0) }) {
            let run = await Crew(threads: 1).run(plan)
            Trace.write(run)
            throw run.violations.isEmpty ? ExitCode.success : ExitCode.failure
        }
        let crew = Crew(threads: threads)
        var result = SweepResult()
        if strategy == nil, course == nil { await hunt(crew, &result) }
        Table.writeHead()
        for strategy in Strategy.allCases
        where self.strategy ?? strategy.rawValue == strategy.rawValue {
            var sum = SweepReport(strategy.rawValue)
            for leg in Leg.all(of: strategy, isWhole: all)
            where course.map({ "\(leg.course)".contains($0) }) ?? true {
                let clock = ContinuousClock()
                let start = clock.now
                let report = await Sweep(leg.course, crew: crew).run(
                    pairs: leg.pairs(drawing: pairs, seed: seed)
                )
                Table.write(leg, report, start.duration(to: clock.now))
                if let shortest = await Shrinking.shortest(of: report.failures) {
                    Trace.write(shortest)
                }
                sum.add(report)
            }
            result.add(sum)
        }
        Table.write(result)
        if json { try Report.json(result) }
        if !result.isGood { throw ExitCode.failure }
    }

    private func hunt(_ crew: Crew, _ result: inout SweepResult) async {
        for mistake in Mistake.allCases {
            let hunt = await Hunt.find(mistake, crew: crew)
            result.add(hunt)
            guard let run = hunt.run else {
                Report.line("NOT FOUND \(mistake.name): \(hunt.tried) runs")
                continue
            }
            Report.line("found \(mistake.name) in \(hunt.tried) runs:")
            Trace.write(run)
        }
    }
}
