import ArgumentParser
import Foundation
import RealParts

/// Measures Rekey against a Celery chain, in turn.
struct PeersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Durable saga steps a second, and their ratio to a Celery chain's.",
        discussion: """
            Celery acknowledges late, publishes with confirms to a quorum queue, and keeps no \
            journal: it promises less. Its tasks a second are the broker's count of \
            acknowledgements. It needs a Python with Tests/Benchmarks/celery/requirements.txt.
            """
    )

    @OptionGroup var options: BenchOptions
    @OptionGroup var saga: SagaOptions

    @Option(help: "A Python that has Celery, such as a virtual environment's.")
    var python: String

    @Option(help: "The folder of the chain's scripts.")
    var scripts = "Tests/Benchmarks/celery"

    @Option(help: "The pools: prefork, threads, solo or gevent, each with its concurrency.")
    var pools = ["prefork:2", "threads:4", "solo:1"]

    func run() async throws {
        let peers = try pools.map { try CeleryChain.Pool($0) }
        let folder = try JournalFolder(in: saga.directory)
        let rabbit = try await PrivateRabbitMQ.start()
        let celery = CeleryChain(
            rabbit: rabbit,
            python: python,
            scripts: scripts,
            options: options
        )
        let path = folder.journalPath
        let rig = try await SagaRig.make(on: rabbit, journalPath: path, options, saga)
        let (steps, hops) = try await rig.withWorker { rig in
            var steps: [Double] = []
            var hops: [[Double]] = peers.map { _ in [] }
            for round in 1...options.rounds {
                for (index, pool) in peers.enumerated() {
                    let load = Report.load()
                    let value = try await celery.hopsPerSecond(in: pool)
                    hops[index].append(value)
                    Report.line("round \(round): celery \(pool) \(value.rounded(to: 0))/s, \(load)")
                }
                let load = Report.load()
                let measured = try await rig.round().stepsPerSecond
                steps.append(measured)
                Report.line("round \(round): saga \(measured.rounded(to: 0)) steps/s, \(load)")
            }
            return (steps, hops)
        }
        var ratios: [String: Double] = [:]
        for (pool, values) in zip(peers, hops) {
            let ratio = Spread(zip(steps, values).map { $0 / $1 })
            ratios["\(pool)"] = ratio.median.rounded(to: 3)
            Report.line("saga : celery \(pool): \(ratio); celery \(Spread(values)) hops/s")
        }
        Report.line("saga \(Spread(steps)) steps/s")
        if options.json { try Report.json(["ratios": ratios]) }
    }
}
