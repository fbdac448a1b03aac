import Foundation
import Glibc

/// A program found on the path, whose output goes to a file.
///
/// Sendable because `Process` may be asked and ended from any thread once it runs.
final class ChildProcess: @unchecked Sendable {
    private let process = Process()
    private let folder: TemporaryFolder
    private let exits: AsyncStream<Int32>

    /// Starts it, with nothing to read on its standard input.
    init(_ arguments: [String], in folder: TemporaryFolder) throws {
        self.folder = folder
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let output = folder.file("output-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        outputPath = output
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = process.standardOutput
        let (exits, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.exits = exits
        process.terminationHandler = {
            continuation.yield($0.terminationStatus)
            continuation.finish()
        }
        try process.run()
    }

    deinit { end() }

    private let outputPath: String

    /// What it has written so far.
    var output: String {
        get throws {
            String(
                decoding: try Data(contentsOf: URL(fileURLWithPath: outputPath)),
                as: UTF8.self
            )
        }
    }

    func exitStatus() async -> Int32 {
        for await status in exits { return status }
        return -1
    }

    /// Kills it: started from a thread of the pool, it inherits that SIGTERM is blocked.
    func end() {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}

/// Runs `openssl` to its end, and returns what it wrote; a failure of it is an error.
@discardableResult
func openssl(_ arguments: String..., in folder: TemporaryFolder) async throws -> String {
    let child = try ChildProcess(["openssl"] + arguments, in: folder)
    let status = await child.exitStatus()
    let output = try child.output
    guard status == 0 else { throw ChildFailure(arguments: arguments, output: output) }
    return output
}

/// A child process that ended with another status than 0.
struct ChildFailure: Error {
    let arguments: [String]
    let output: String
}
