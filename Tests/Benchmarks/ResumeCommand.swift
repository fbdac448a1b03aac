import ArgumentParser
import RealParts

/// Measures how soon a killed worker's rotations go on.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "From the SIGKILL of a worker in the midst of rotations to their next call.",
        discussion: """
            A process of its own runs the real worker on RabbitMQ and a SQLite journal with \
            synchronous=FULL, while a client asks for rotations at a fixed rate. It is killed \
            with SIGKILL while rotations are open, and the next process is started as soon as it \
            has ended. The time begins before the signal, and ends with the next process' first \
            call of a vault or target for a rotation that was open: so it has the start of the \
            process, its journal, its connections to the broker and the owner's queue in it, and \
            no supervisor's pause. Vault and target are doubles in files, which outlive the \
            process; each call of them takes a while. The second figure is the last first call \
            of all that were open.
            """
    )

    @Option(help: "How often the worker is killed.")
    var times = 30

    @Option(help: "How many credentials there are.")
    var credentials = 64

    @Option(help: "How many rotations are asked for in a second.")
    var rate = 20.0

    @Option(help: "How long a call of the vault or target takes, in milliseconds.")
    var callMilliseconds = 10

    @Option(help: "Where the journal is made: a folder on a disk, not in memory.")
    var directory = "."

    @Flag(help: "End with one line of JSON.")
    var json = false

    func validate() throws {
        guard (1...10_000).contains(times), (1...10_000).contains(credentials) else {
            throw ValidationError("--times and --credentials are 1 to 10000")
        }
        guard (0.1...1_000).contains(rate) else { throw ValidationError("--rate is 0.1 to 1000") }
        guard (0...10_000).contains(callMilliseconds) else {
            throw ValidationError("--call-milliseconds is 0 to 10000")
        }
    }

    func run() async throws {
        let folder = try JournalFolder(in: directory)
        let rabbit = try await PrivateRabbitMQ.start()
        let rig = try await ResumeRig.make(
            on: rabbit,
            folder: folder,
            credentials: credentials,
            callMilliseconds: callMilliseconds
        )
        let load = Report.load()
        let kills = try await rig.kills(times, rate: rate)
        let result = ResumeResult(kills, rate: rate, callMilliseconds: callMilliseconds)
        Report.line("kill to the first call of an open rotation: \(result.firstCall)")
        Report.line("kill to the last first call of all of them: \(result.lastCall)")
        Report.line(
            "\(result.rotationsResumed) of \(result.rotationsOpen) open rotations made a call "
                + "again within ten seconds, none failed"
        )
        let verdict = result.isMet ? "met" : "missed"
        Report.line("floor of the first call: p99 < \(ResumeResult.floor) ms: \(verdict)")
        Report.line("load \(load)")
        if json { try Report.json(result) }
    }
}

/// What the JSON line says; times in milliseconds.
struct ResumeResult: Encodable, Sendable {
    static let floor = 2_000.0

    let firstCall: Latencies
    let lastCall: Latencies
    let times: Int
    let rotationsOpen: Int
    /// Those that closed at the very moment of the kill make no call.
    let rotationsResumed: Int
    let rate: Double
    let callMilliseconds: Int
    let floorOfFirstCallP99: Double
    let isMet: Bool

    init(_ kills: [ResumeRig.Kill], rate: Double, callMilliseconds: Int) {
        firstCall = Latencies(kills.map(\.firstCall))
        lastCall = Latencies(kills.map(\.lastCall))
        times = kills.count
        rotationsOpen = kills.map(\.open).reduce(0, +)
        rotationsResumed = kills.map(\.resumed).reduce(0, +)
        self.rate = rate
        self.callMilliseconds = callMilliseconds
        floorOfFirstCallP99 = Self.floor
        isMet = firstCall.p99 < Self.floor
    }
}
