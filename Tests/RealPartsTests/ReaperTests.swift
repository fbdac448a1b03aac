import Foundation
import RealParts
import Testing

/// Nothing may outlive a test run, however it ends, grandchildren and directories included.
@Suite(.timeLimit(.minutes(3))) struct `A test process that is killed` {
    @Test func `leaves no broker, no database, no child and no directory`() async throws {
        // Through a file: reading the child's standard output would block a thread of the pool.
        let report = try TemporaryDirectory("report")
        let path = report.file("pids")
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let broker = try await PrivateRabbitMQ.start()
            let server = try await PrivatePostgres.start()
            let stubborn = try ChildProcess(
                "sh",
                [
                    "-c",
                    """
                    trap '' TERM INT HUP
                    sleep 600 & setsid sh -c 'echo $$; exec sleep 605' & wait; sleep 601
                    """,
                ]
            )
            let directory = try TemporaryDirectory("left")
            try await eventually("the child's daemon is up") { stubborn.output.hasSuffix("\n") }
            let daemon = stubborn.output.split(separator: "\n").compactMap { Int32($0) }
            let pids =
                await broker.processes + server.processes
                + ProcessSession(leader: stubborn.pid).members + daemon
            let words = pids.map(String.init) + [directory.path]
            try words.joined(separator: " ").write(toFile: path, atomically: true, encoding: .utf8)
            kill(getpid(), SIGKILL)
        }
        let words = try String(contentsOfFile: path, encoding: .utf8).split(separator: " ")
        let pids = words.compactMap { Int32($0) }
        // Broker: shell, beam, epmd; PostgreSQL: itself and helpers; the child: two and a daemon.
        #expect(pids.count >= 10, "\(words)")
        try await eventually("all have ended") {
            pids.allSatisfy { !ProcessSession.isRunning($0) }
        }
        let left = try #require(words.last.map(String.init))
        try await eventually("the directory is gone") {
            !FileManager.default.fileExists(atPath: left)
        }
    }
}
