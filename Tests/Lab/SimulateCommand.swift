import ArgumentParser
import Foundation
import Simulation

/// Lets years of an estate pass.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Years of many secrets, with lost events, outages, and people who err.",
        discussion: """
            The real worker with everything around it in memory, in a time of its own: each secret \
            has to rotate before it ends, whatever part of the near-expiry events is lost, unless \
            something was in the way all the time, which is named with what people were told. \
            Nothing may begin that is not due, whatever came back, started anew or jumped. After \
            every effect a ledger outside asks whether anybody is locked out and whether anything \
            accepted is unknown.

            One seed always does the same: the digest of the trace says so.
            """
    )

    @Option(help: "By which everything is drawn.")
    var seed: UInt64 = 1

    @Option(help: "How many years pass.")
    var years = 10.0

    @Option(help: "How many secrets there are.")
    var secrets = 1_000

    @Option(help: "Which part of the near-expiry events is lost; may be given several times.")
    var loss: [Double] = []

    @Flag(help: "Nothing fails and nobody errs.")
    var calm = false

    @Flag(help: "Only the planted mistakes, each of which has to be found.")
    var mistakes = false

    @Option(help: "A file for the trace of one --loss, without the planted mistakes.")
    var trace: String?

    @Option(help: "How many simulations go on at once.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "End with one line of JSON.")
    var json = false

    func validate() throws {
        guard (0.01...100).contains(years), (1...100_000).contains(secrets) else {
            throw ValidationError("--years is 0.01 to 100, and --secrets 1 to 100000")
        }
        guard loss.allSatisfy({ (0...1).contains($0) }) else {
            throw ValidationError("--loss is 0 to 1")
        }
        guard trace == nil || loss.count == 1 else {
            throw ValidationError("--trace needs one --loss")
        }
        guard (1...256).contains(threads) else { throw ValidationError("--threads is 1 to 256") }
    }

    func run() async throws {
        var result = SimulationResult()
        // Whoever wants one trace wants nothing else.
        let hunts = trace == nil ? SimulationMistake.allCases.map(\.settings) : []
        let hunted = try await Simulation.run(hunts, threads: threads)
        for report in hunted { result.addHunt(report) }
        if !mistakes {
            let losses = loss.isEmpty ? [0, 0.5, 1] : loss
            let settings = losses.map {
                SimulationSettings(
                    seed: seed,
                    years: years,
                    secrets: secrets,
                    loss: $0,
                    isCalm: calm,
                    tracePath: trace
                )
            }
            for report in try await Simulation.run(settings, threads: threads) {
                result.add(report)
            }
        }
        result.write()
        if json { try Report.json(result) }
        if !result.isGood { throw ExitCode.failure }
    }
}
