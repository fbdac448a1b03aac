import Foundation
import Glibc

/// A program that a test started, in a session of its own, which never outlives the test process.
///
/// Its output goes to files, so a full pipe cannot stop it. When it ends, is dropped, or the test
/// process dies, what it started in its session is ended with it.
package final class ChildProcess: Sendable {
    /// How a program ended.
    package enum Exit: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    /// What a program gets when its owner is gone.
    package enum LastSignal: String, Sendable {
        case terminate = "TERM"
        case quit = "QUIT"
        case kill = "KILL"
    }

    /// What a program reads as its standard input.
    package enum Input: Sendable {
        case nothing
        case bytes([UInt8])
        /// Stays open: `write(_:)` and `closeInput()`.
        case pipe
    }

    /// The program's process id, which is its session's and process group's too.
    package let pid: Int32
    private let files: TemporaryDirectory
    private let life: ChildLife
    private let input: ChildInput

    /// Starts `executable`, found by PATH unless it has a slash.
    ///
    /// `environment` replaces ours when given. When this is dropped or the test process dies, the
    /// program gets `lastSignal`, and two seconds later SIGKILL.
    package init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        workingDirectory: String? = nil,
        input: Input = .nothing,
        lastSignal: LastSignal = .terminate
    ) throws {
        let reaper = try Reaper.shared.get()
        files = try TemporaryDirectory("child")
        self.input = try ChildInput(input, in: files)
        let output = try Descriptor(opening: files.file("stdout"), writing: true)
        let errors = try Descriptor(opening: files.file("stderr"), writing: true)
        let announce = #"""
            echo "session $$ $0" >&3 && exec 3>&- && cd "$1" && shift && exec "$@"
            """#
        let mark = EnvironmentMark("REKEY_TEST_CHILD")
        var marked = environment
        marked[mark.name] = mark.value
        marked[Reaper.mark.name] = Reaper.mark.value
        let place = workingDirectory ?? FileManager.default.currentDirectoryPath
        pid = try self.input.handOver { standardInput in
            let spawn = Spawn(
                arguments: ["/bin/sh", "-c", announce, lastSignal.rawValue, place, executable]
                    + arguments,
                environment: marked,
                descriptors: [
                    (0, standardInput), (1, output.number), (2, errors.number),
                    (3, reaper.lifeline.number),
                ]
            )
            return try spawn.start()
        }
        life = ChildLife(pid: pid, mark: mark.text, lastSignal: lastSignal)
        life.watch()
    }

    deinit { life.finish() }

    /// Runs a program to its end, or kills it after `limit`.
    package static func run(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        workingDirectory: String? = nil,
        input: Input = .nothing,
        within limit: Duration = .seconds(60)
    ) async throws -> Outcome {
        let child = try ChildProcess(
            executable,
            arguments,
            environment: environment,
            workingDirectory: workingDirectory,
            input: input
        )
        let exit = try await child.waitForExit(within: limit)
        return Outcome(exit: exit, output: child.output, errors: child.errors)
    }

    /// What it has written to standard output so far.
    package var output: String { text("stdout") }

    /// What it has written to standard error so far.
    package var errors: String { text("stderr") }

    /// Where its standard error goes.
    package var errorsPath: String { files.file("stderr") }

    /// Nil while it runs.
    package var exit: Exit? { life.exit }

    package var isRunning: Bool { exit == nil }

    /// Waits for its end; at the deadline it is killed and the wait fails, naming its last words.
    @discardableResult
    package func waitForExit(within limit: Duration = .seconds(30)) async throws -> Exit {
        do {
            try await eventually(within: limit, "the end of process \(pid)") { !isRunning }
        } catch {
            kill()
            throw PartFailure("\(error); it last wrote: \(errors.suffix(400))")
        }
        guard let exit else { throw PartFailure("process \(pid) has no exit status") }
        return exit
    }

    /// Sends SIGTERM to the program alone.
    package func terminate() { signal(SIGTERM) }

    /// Sends SIGKILL to the program and to all in its session.
    package func kill() { life.killSession() }

    /// Sends `number` to the program alone; nothing once it has ended.
    package func signal(_ number: Int32) { life.signal(number, group: false) }

    /// Sends `number` to its process group, such as a shell and what it runs.
    package func signalGroup(_ number: Int32) { life.signal(number, group: true) }

    /// Writes to its standard input, which must be `.pipe`.
    package func write(_ bytes: [UInt8]) throws { try input.write(bytes) }

    /// The program reads end of file.
    package func closeInput() { input.close() }

    private func text(_ name: String) -> String {
        let bytes = FileManager.default.contents(atPath: files.file(name)) ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a program that ran to its end leaves.
    package struct Outcome: Sendable {
        package let exit: Exit
        package let output: String
        package let errors: String

        package var succeeded: Bool { exit == .code(0) }
    }
}
