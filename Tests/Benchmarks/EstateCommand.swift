import ArgumentParser
import RealParts

/// Measures what many secrets cost at once.
struct EstateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estate",
        abstract: "Many secrets: a restart, ten times too many events, a vault's limit, memory.",
        discussion: """
            The real worker on RabbitMQ and a SQLite journal with synchronous=FULL; vaults and \
            targets are in memory. First all secrets are adopted, and the worker is started anew, \
            in this process: ready is when it consumes and publishes, swept when it has looked at \
            each. Then all become due, and ten events tell of each, half of them with one id: \
            every one that begins a rotation is counted. These rotations wait for their grace. \
            The memory of one is the difference of RssAnon between two other processes, on the \
            journal with half of them and with all, divided by that half.

            The vault's limit is a double's, which answers 429 above 300 writes in any ten \
            seconds, behind the throttle that the adapter of Azure Key Vault has in front of each \
            host, set to that limit; the clock is the real one. Busy is the part of the 300 that \
            was used from the tenth second to the last write.
            """
    )

    @Option(help: "How many secrets there are.")
    var secrets = 10_000

    @Option(help: "How many of them are due at once before the vault's limit; 0 leaves it out.")
    var limited = 10_000

    @Option(help: "How many events tell of each.")
    var copies = 10

    @Option(help: "How many rotations are worked on at once.")
    var turns = 256

    @Option(help: "Where the journals are made: a folder on a disk, not in memory.")
    var directory = "."

    @Flag(help: "End with one line of JSON.")
    var json = false

    func validate() throws {
        guard (2...100_000).contains(secrets), (0...100_000).contains(limited) else {
            throw ValidationError("--secrets is 2 to 100000, and --limited at most 100000")
        }
        guard (1...100).contains(copies) else { throw ValidationError("--copies is 1 to 100") }
        guard (1...4_096).contains(turns) else { throw ValidationError("--turns is 1 to 4096") }
    }

    func run() async throws {
        let folder = try JournalFolder(in: directory)
        let rabbit = try await PrivateRabbitMQ.start()
        let load = Report.load()
        let rig = try await EstateRig.make(on: rabbit, folder, secrets: secrets, turns: turns)
        try await rig.adopt()
        let restart = try await rig.restart()
        let flood = try await rig.flood(copies: copies)
        let memory = try await rig.memory()
        let limit = try await limited == 0 ? nil : rig.storm(limited)
        let result = EstateResult(
            secrets: secrets,
            restart: restart,
            flood: flood,
            memory: memory,
            limit: limit
        )
        result.write()
        Report.line("load \(load) before, \(Report.load()) after")
        if json { try Report.json(result) }
    }
}

/// What the JSON line says.
struct EstateResult: Encodable, Sendable {
    struct Restart: Encodable, Sendable {
        let readySeconds: Double
        let sweptSeconds: Double
        let rotationsBegun: Int
    }

    struct Flood: Encodable, Sendable {
        let events: Int
        let rotationsBegun: Int
        let seconds: Double
    }

    struct Memory: Encodable, Sendable {
        let waiting: [Int]
        let rssAnonKiB: [Int]
        let bytesPerRotation: Int
    }

    struct Limit: Encodable, Sendable {
        let rotations: Int
        let writes: Int
        let seconds: Double
        /// The part of the limit that was used.
        let busy: Double
        let tooManyRequests: Int
        let tooManyAfterWarmUp: Int
        let heldBack: Int
    }

    let secrets: Int
    let restart: Restart
    let flood: Flood
    let memory: Memory
    let limit: Limit?

    func write() {
        Report.line(
            "restart with \(secrets) secrets: ready after \(restart.readySeconds) s, all looked at "
                + "after \(restart.sweptSeconds) s, \(restart.rotationsBegun) rotations begun"
        )
        Report.line(
            "\(flood.events) events: \(flood.rotationsBegun) rotations, in \(flood.seconds) s"
        )
        Report.line(
            "RssAnon with \(memory.waiting) waiting rotations \(memory.rssAnonKiB) KiB: "
                + "\(memory.bytesPerRotation) bytes each"
        )
        guard let limit else { return }
        Report.line(
            "a vault with 300 writes in 10 s: \(limit.rotations) rotations and \(limit.writes) "
                + "writes in \(limit.seconds) s, busy \(limit.busy), 429 \(limit.tooManyRequests) "
                + "times, after the first 10 s \(limit.tooManyAfterWarmUp); "
                + "\(limit.heldBack) calls were sent back to wait longer"
        )
    }
}
