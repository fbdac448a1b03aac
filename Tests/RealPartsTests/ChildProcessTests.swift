import Foundation
import RealParts
import Testing

@Suite struct `A child process` {
    @Test func `is run to its end with its output kept apart`() async throws {
        let outcome = try await ChildProcess.run("sh", ["-c", "echo out; echo err >&2; exit 3"])
        #expect(outcome.exit == .code(3))
        #expect(outcome.output == "out\n")
        #expect(outcome.errors == "err\n")
    }

    @Test func `reads the bytes it is given and no descriptor of ours`() async throws {
        let outcome = try await ChildProcess.run(
            "sh",
            ["-c", "cat; ls /proc/self/fd | wc -l"],
            input: .bytes(Array("one\n".utf8))
        )
        // 0, 1, 2 and the directory that `ls` itself opens.
        #expect(outcome.output.split(separator: "\n") == ["one", "4"])
    }

    @Test func `reads a pipe until it is closed`() async throws {
        let child = try ChildProcess("cat", input: .pipe)
        try child.write(Array("first\n".utf8))
        try await eventually("the line comes back") { child.output == "first\n" }
        #expect(child.isRunning)
        child.closeInput()
        #expect(try await child.waitForExit() == .code(0))
    }

    @Test func `is told by a signal, and the exit says which`() async throws {
        let child = try ChildProcess("sleep", ["600"])
        child.terminate()
        #expect(try await child.waitForExit() == .signal(SIGTERM))
    }

    @Test func `is killed at the deadline, which is an error`() async throws {
        let child = try ChildProcess("sleep", ["600"])
        await #expect(throws: PartFailure.self) {
            try await child.waitForExit(within: .milliseconds(50))
        }
        #expect(try await child.waitForExit() == .signal(SIGKILL))
    }

    @Test func `takes what it started along when it ends or is dropped`() async throws {
        var child: ChildProcess? = try ChildProcess("sh", ["-c", "sleep 600 & sleep 601 & wait"])
        let pid = try #require(child?.pid)
        let session = ProcessSession(leader: pid)
        try await eventually("three run") { session.members.count == 3 }
        child = nil
        try await eventually("none runs") { session.members.isEmpty }
        let other = try ChildProcess("sh", ["-c", "sleep 602 & echo started"])
        #expect(try await other.waitForExit() == .code(0))
        #expect(ProcessSession(leader: other.pid).members.isEmpty)
    }

    @Test func `takes along a daemon that has left its session`() async throws {
        // What epmd and others do: a session of their own.
        let child = try ChildProcess(
            "sh",
            ["-c", "setsid sh -c 'echo $$; exec sleep 603' & sleep 604"]
        )
        try await eventually("the daemon runs") { child.output.hasSuffix("\n") }
        let pid = try #require(Int32(child.output.trimmingCharacters(in: .newlines)))
        #expect(pid != child.pid)
        child.kill()
        try await child.waitForExit()
        #expect(!ProcessSession.isRunning(pid))
    }

    @Test func `that does not exist fails with the shell's words`() async throws {
        let outcome = try await ChildProcess.run(
            "no-such-program-here",
            environment: ["PATH": "/usr/bin:/bin"]
        )
        #expect(outcome.exit == .code(127))
        #expect(outcome.errors.contains("not found"))
    }
}
