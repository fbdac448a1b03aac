import Foundation
import Glibc
import RekeyCore

/// A command that the agent runs after the file was written.
///
/// The value comes on standard input: never as an argument, nor in the environment. It runs at
/// least once for a delivery, and is told which by `REKEY_DELIVERY`.
enum SiteCommand {
    /// Throws for a command that cannot be started, fails, or runs too long.
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
        let (ended, end) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in end.finish() }
        do {
            try process.run()
        } catch {
            throw AgentFailure("\(program) cannot be started")
        }
        feed(value, to: input.fileHandleForWriting)
        let pid = process.processIdentifier
        let killer = Task {
            try await Task.sleep(for: .seconds(seconds))
            kill(pid, SIGKILL)
        }
        for await _ in ended {}
        killer.cancel()
        switch process.terminationReason {
        case .exit where process.terminationStatus == 0: return
        case .exit: throw AgentFailure("\(program) exited with \(process.terminationStatus)")
        case .uncaughtSignal:
            throw AgentFailure("\(program) was ended by signal \(process.terminationStatus)")
        @unknown default: throw AgentFailure("\(program) ended in an unknown way")
        }
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
