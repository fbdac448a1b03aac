import ArgumentParser
import Foundation
import RealParts

/// Measures Rekey's durable steps against bare hops, in turn.
struct SagaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saga",
        abstract: "Durable saga steps a second, and their ratio to bare echo hops.",
        discussion: """
            The real worker, RabbitMQ and a SQLite journal with synchronous=FULL; vault and \
            target answer at once. A step is a delivery, its journal commits and one confirmed \
            publication. Each round measures the bare hops first, then the saga.
            """
    )

    @OptionGroup var options: BenchOptions
    @OptionGroup var saga: SagaOptions

    func run() async throws {
        let folder = try JournalFolder(in: saga.directory)
        let rabbit = try await PrivateRabbitMQ.start()
        let echo = try await EchoLoop.make(on: rabbit, options)
        let rig = try await SagaRig.make(
            on: rabbit,
            journalPath: folder.journalPath,
            options,
            saga
        )
        let result = try await rig.withWorker { rig in
            var raws: [Double] = []
            var rounds: [SagaRound] = []
            for round in 1...options.rounds {
                let load = Report.load()
                let raw = try await echo.hopsPerSecond(
                    for: options.seconds,
                    warmUp: options.warmUp
                )
                let measured = try await rig.round()
                raws.append(raw)
                rounds.append(measured)
                tell(round, raw, measured, load)
            }
            return SagaResult(raws, rounds, options, saga)
        }
        Report.line("ratio \(result.spread.ratio)")
        Report.line("saga \(result.spread.saga) steps/s, raw \(result.spread.raw) hops/s")
        Report.line("the broker's own counters agree with every round")
        if options.json { try Report.json(result) }
    }

    private func tell(_ round: Int, _ raw: Double, _ saga: SagaRound, _ load: String) {
        let steps = saga.stepsPerSecond
        Report.line(
            "round \(round): raw \(raw.rounded(to: 0)) hops/s, "
                + "saga \(steps.rounded(to: 0)) steps/s "
                + "(\(saga.rotationsPerSecond.rounded(to: 1)) rotations/s, "
                + "\(saga.callersPerCommit.rounded(to: 1)) callers a commit, "
                + "\(saga.commitsPerStep.rounded(to: 3)) commits a step), "
                + "ratio \((steps / raw).rounded(to: 3)), load \(load)"
        )
    }
}

/// What the JSON line says.
struct SagaResult: Encodable, Sendable {
    struct Spreads: Encodable, Sendable {
        let ratio: Spread
        let saga: Spread
        let raw: Spread
    }

    struct Settings: Encodable, Sendable {
        let rounds: Int
        let seconds: Double
        let window: Int
        let eventBytes: Int
        let credentials: Int
        let inFlight: Int
        let turns: Int
        let journal = "sqlite WAL synchronous=FULL"
        let strategy = "alternate"
        let queues = "quorum"
    }

    let ratio: Double
    let sagaStepsPerSecond: Double
    let rawHopsPerSecond: Double
    let spread: Spreads
    let settings: Settings

    init(_ raws: [Double], _ rounds: [SagaRound], _ options: BenchOptions, _ saga: SagaOptions) {
        let steps = rounds.map(\.stepsPerSecond)
        spread = Spreads(
            ratio: Spread(zip(steps, raws).map { $0 / $1 }),
            saga: Spread(steps),
            raw: Spread(raws)
        )
        ratio = spread.ratio.median.rounded(to: 4)
        sagaStepsPerSecond = spread.saga.median.rounded(to: 1)
        rawHopsPerSecond = spread.raw.median.rounded(to: 1)
        settings = Settings(
            rounds: options.rounds,
            seconds: options.seconds,
            window: options.window,
            eventBytes: options.eventBytes,
            credentials: saga.credentials,
            inFlight: saga.inFlight,
            turns: saga.turns
        )
    }
}
