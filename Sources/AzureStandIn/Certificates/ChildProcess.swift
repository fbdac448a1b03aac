import Foundation

/// Runs a program to its end without blocking a thread; its input and output are files.
enum ChildProcess {
    struct Result: Sendable {
        let exitCode: Int32
        let output: [UInt8]
        let errors: [UInt8]
    }

    /// More than this of a program's output is cut off.
    static let outputByteLimit = 1 << 20

    /// Runs `program`, which reads `input` from a file that has no name any more.
    ///
    /// Cancelling the task kills the program and what it has started.
    static func run(
        _ program: String,
        _ arguments: [String],
        input: [UInt8] = [],
        environment: [String: String]? = nil,
        directory: String,
        scratch: String
    ) async throws -> Result {
        let base = "\(scratch)/\(UUID().uuidString)"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        if let environment { process.environment = environment }
        let given = try privateFile("\(base).in", holding: input)
        let output = try privateFile("\(base).out", holding: [])
        let errors = try privateFile("\(base).err", holding: [])
        // `Process` is never let go, nor what it holds. With some 1,300 files open, the next start
        // of one reads beyond its list of them, and this process ends.
        defer { for file in [given, output, errors] { try? file.close() } }
        process.standardInput = given
        process.standardOutput = output
        process.standardError = errors
        let exitCode = try await withTaskCancellationHandler {
            try await outcome(of: process)
        } onCancel: {
            end(process)
        }
        return Result(exitCode: exitCode, output: try read(output), errors: try read(errors))
    }

    private static func outcome(of process: Process) async throws -> Int32 {
        try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
                // A cancellation that came before the start found nothing to end.
                if Task.isCancelled { end(process) }
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }

    private static func end(_ process: Process) {
        guard process.isRunning else { return }
        // The child has inherited that SIGTERM is ignored. It leads a group of its own.
        if kill(-process.processIdentifier, SIGKILL) != 0 {
            kill(process.processIdentifier, SIGKILL)
        }
    }

    /// A file that only this process and its child can reach: made 0600, opened, and unlinked.
    private static func privateFile(_ path: String, holding bytes: [UInt8]) throws -> FileHandle {
        try PrivateFile.write(Data(bytes), to: path)
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try FileManager.default.removeItem(atPath: path)
        return handle
    }

    private static func read(_ file: FileHandle) throws -> [UInt8] {
        try file.seek(toOffset: 0)
        return [UInt8](try file.read(upToCount: outputByteLimit) ?? Data())
    }
}
