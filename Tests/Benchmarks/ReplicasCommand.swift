import ArgumentParser
import Foundation
import RealParts

/// Measures the durable steps of one, two and three workers on one journal in PostgreSQL.
struct ReplicasCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replicas",
        abstract: "Durable steps a second with 1, 2 and 3 workers on one PostgreSQL journal.",
        discussion: """
            The workers are real and run in this process, each with its own connections to a \
            private RabbitMQ and a private PostgreSQL with fsync on; vault and target answer at \
            once. Where all share few cores, more workers are no faster: they are for outliving \
            each other.
            """
    )

    @OptionGroup var options: BenchOptions
    @OptionGroup var load: ReplicaOptions

    /// The least and the most workers that are measured.
    private static let counts = 1...3

    func run() async throws {
        let rabbit = try await PrivateRabbitMQ.start()
        let postgres = try await PrivatePostgres.start()
        var results: [ReplicaResult.Workers] = []
        for count in Self.counts {
            let before = Report.load()
            let rig = try await ReplicaRig.make(count, on: rabbit, postgres, options, load)
            let rounds = try await rig.measure()
            let steps = Spread(rounds.map(\.stepsPerSecond))
            let callers = Spread(rounds.map(\.callersPerCommit))
            Report.line(
                "\(count) \(count == 1 ? "worker" : "workers"): \(steps) steps/s, "
                    + "\(callers.median.rounded(to: 1)) callers a commit, load \(before)"
            )
            results.append(
                .init(workers: count, stepsPerSecond: steps, callersPerCommit: callers.median)
            )
        }
        if options.json {
            try Report.json(ReplicaResult(replicas: results, options, load))
        }
    }
}

/// The load of several workers.
struct ReplicaOptions: ParsableArguments {
    @Option(help: "How many credentials there are.")
    var credentials = 2_000

    @Option(help: "How many of them rotate at once.")
    var inFlight = 256

    @Option(help: "How many rotations and credentials each worker works on at once.")
    var turns = 256

    func validate() throws {
        guard (1...4_096).contains(turns) else { throw ValidationError("--turns is 1 to 4096") }
        guard (1...100_000).contains(credentials), (1...credentials).contains(inFlight) else {
            throw ValidationError("--in-flight is 1 to --credentials, which is at most 100000")
        }
    }
}

/// What the JSON line says.
struct ReplicaResult: Encodable, Sendable {
    struct Workers: Encodable, Sendable {
        let workers: Int
        let stepsPerSecond: Spread
        let callersPerCommit: Double
    }

    struct Settings: Encodable, Sendable {
        let rounds: Int
        let seconds: Double
        let window: Int
        let eventBytes: Int
        let credentials: Int
        let inFlight: Int
        let turns: Int
        let journal = "postgres fsync=on synchronous_commit=on"
    }

    let replicas: [Workers]
    let settings: Settings

    init(replicas: [Workers], _ options: BenchOptions, _ load: ReplicaOptions) {
        self.replicas = replicas
        settings = Settings(
            rounds: options.rounds,
            seconds: options.seconds,
            window: options.window,
            eventBytes: options.eventBytes,
            credentials: load.credentials,
            inFlight: load.inFlight,
            turns: load.turns
        )
    }
}
