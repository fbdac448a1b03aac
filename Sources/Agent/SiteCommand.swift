import Foundation
import Glibc
import RekeyCore

/// A command that the agent runs after the file was written.
///
/// The value comes on standard input: never as an argument, nor in the environment. It runs at
/// least once for a delivery, and is told which by `REKEY_DELIVERY`.
enum SiteCommand {
    /// Throws for a command that cannot be started, fails, or runs too long.
    ///
    /// A command that runs too long is killed with whatever it started, and so is one whose task
    /// is cancelled. It has ended when this returns.
    static func run(
        _ command: [String],
        value: Secret,
        delivery: String,
        seconds: Double
    ) async throws(AgentFailure) {
        guard let program = command.first else { return }
        guard program.hasPrefix("/") else { throw AgentFailure("\(program) is no absolute path") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = Array(command.dropFirst())
        process.environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "REKEY_DELIVERY": delivery,
        ]
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let end = CommandEnd()
        process.terminationHandler = { process in
            let status = process.terminationStatus
            end.hasCome(process.terminationReason == .exit ? .status(status) : .signal(status))
        }
        do {
            try process.run()
        } catch {
            throw AgentFailure("\(program) cannot be started")
        }
        watch(process.processIdentifier, for: end)
        let (exit, isLate) = await outlive(
            process.processIdentifier,
            until: end,
            seconds: seconds
        ) { feed(value, to: input.fileHandleForWriting) }
        guard !isLate else { throw AgentFailure("\(program) ran longer than \(seconds) s") }
        switch exit {
        case .status(0): return
        case .status(let status): throw AgentFailure("\(program) exited with \(status)")
        case .signal(let signal): throw AgentFailure("\(program) was ended by signal \(signal)")
        }
    }

    /// Looks for the command's end beside Foundation.
    ///
    /// That one, on Linux, learns of it when everything that the command started has ended too:
    /// a daemon never does.
    private static func watch(_ pid: Int32, for end: CommandEnd) {
        let thread = Thread {
            var information = unsafe siginfo_t()
            // It stays unreaped: that is Foundation's to do.
            while unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 {
                // Foundation was there before, and will say so.
                guard errno == EINTR else { return }
            }
            let status = unsafe information._sifields._sigchld.si_status
            let hasExited = unsafe information.si_code == CLD_EXITED
            end.hasCome(hasExited ? .status(status) : .signal(status))
        }
        thread.name = "site-command"
        thread.start()
    }

    /// Waits for the command's end, and brings it about where it is late or no longer wanted.
    ///
    /// Answers how it ended, and whether it was late.
    private static func outlive(
        _ pid: Int32,
        until end: CommandEnd,
        seconds: Double,
        _ feed: () -> Void
    ) async -> (exit: CommandEnd.Exit, isLate: Bool) {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    // The sleep is cut short once the command has ended, or is no longer wanted.
                    guard (try? await Task.sleep(for: .seconds(seconds))) != nil else {
                        return false
                    }
                    kill(pid)
                    return true
                }
                feed()
                let exit = await end.wait()
                group.cancelAll()
                return (exit, await group.next() ?? false)
            }
        } onCancel: {
            kill(pid)
        }
    }

    /// Foundation gives each child a process group of its own.
    private static func kill(_ pid: Int32) {
        guard pid > 1 else { return }
        if Glibc.kill(-pid, SIGKILL) != 0 { _ = Glibc.kill(pid, SIGKILL) }
    }

    /// A command that does not read its input is not in the wrong.
    private static func feed(_ value: Secret, to pipe: FileHandle) {
        signal(SIGPIPE, SIG_IGN)
        value.reveal { span in
            unsafe span.withUnsafeBytes { bytes in
                var data = unsafe Data(bytes)
                try? pipe.write(contentsOf: data)
                data.resetBytes(in: 0..<data.count)
            }
        }
        try? pipe.close()
    }
}
