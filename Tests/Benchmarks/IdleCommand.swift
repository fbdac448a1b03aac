import ArgumentParser
import Foundation

/// Reads what a process that has nothing to do takes.
struct IdleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Anonymous memory and processor time of processes that run already.",
        discussion: """
            For `rekey run` with nothing to do. RssAnon is what proc(5) says in \
            /proc/PID/status at the end of the time: heaps and stacks in memory, neither program \
            text nor mapped files. Processor time is user and system, from /proc/PID/stat.
            """
    )

    @Option(name: .customLong("pid"), help: "A process; may be given again.")
    var pids: [Int32]

    @Option(help: "How long processor time is counted.")
    var seconds = 60.0

    @Flag(help: "End with one line of JSON.")
    var json = false

    func validate() throws {
        guard !pids.isEmpty else { throw ValidationError("name a process by --pid") }
        guard (0.1...86_400).contains(seconds) else {
            throw ValidationError("--seconds is 0.1 to 86400")
        }
    }

    func run() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let before = try pids.map { try ProcessFigures(of: $0) }
        try await clock.sleep(for: .seconds(seconds))
        let after = try pids.map { try ProcessFigures(of: $0) }
        let minutes = start.duration(to: clock.now) / .seconds(60)
        let result = IdleResult(before, after, minutes: minutes)
        for process in result.processes {
            Report.line(
                "\(process.name) (\(process.pid)): RssAnon \(process.rssAnonMiB) MiB, "
                    + "\(process.cpuSecondsPerMinute) CPU s/min"
            )
        }
        Report.line("together \(result.cpuSecondsPerMinute) CPU s/min")
        let verdict = result.isMet ? "met" : "missed"
        Report.line("floor: each RssAnon < \(IdleResult.floor) MiB: \(verdict)")
        if json { try Report.json(result) }
    }
}

/// What the JSON line says.
struct IdleResult: Encodable, Sendable {
    struct Process: Encodable, Sendable {
        let pid: Int32
        let name: String
        let rssAnonMiB: Double
        let cpuSecondsPerMinute: Double
    }

    static let floor = 16.0

    let processes: [Process]
    let cpuSecondsPerMinute: Double
    let floorMiB: Double
    let isMet: Bool

    init(_ before: [ProcessFigures], _ after: [ProcessFigures], minutes: Double) {
        processes = zip(before, after).map { before, after in
            Process(
                pid: after.pid,
                name: after.name,
                rssAnonMiB: (Double(after.rssAnonKiB) / 1024).rounded(to: 2),
                cpuSecondsPerMinute: ((after.cpuSeconds - before.cpuSeconds) / minutes)
                    .rounded(to: 3)
            )
        }
        cpuSecondsPerMinute = processes.map(\.cpuSecondsPerMinute).reduce(0, +).rounded(to: 3)
        floorMiB = Self.floor
        isMet = processes.allSatisfy { $0.rssAnonMiB < Self.floor }
    }
}
