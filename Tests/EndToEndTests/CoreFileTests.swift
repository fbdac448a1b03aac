import Foundation
import Glibc
import RealParts
import RekeyPlatform
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `A process that dies` {
    /// Starts a program where the shell allows core files of any size.
    private func start(_ words: [String], in folder: TemporaryDirectory) throws -> ChildProcess {
        var environment = ProcessInfo.processInfo.environment
        // Swift's own report of a crash takes a minute on a busy machine.
        environment["SWIFT_BACKTRACE"] = "enable=no"
        return try ChildProcess(
            "/bin/sh",
            ["-c", "ulimit -c unlimited && exec \"$@\"", "sh"] + words,
            environment: environment,
            workingDirectory: folder.path
        )
    }

    private func coreLimit(of process: ChildProcess) throws -> String? {
        let text = try String(contentsOfFile: "/proc/\(process.pid)/limits", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        return line?.split(separator: " ").dropFirst(4).prefix(2).joined(separator: " ")
    }

    private func cores(in folder: TemporaryDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("core") }
    }

    @Test func `leaves no core file, whichever command it was`() async throws {
        let estate = try await Estate.make()
        let rekey = try BuiltProgram.path("rekey")
        // With no worker a request waits for its answer, and so for long enough to be looked at.
        for command in [["rotate", "orders-client"], ["run"], ["worker"]] {
            let process = try start(
                [rekey] + command + ["--config", estate.configurationPath],
                in: estate.folder
            )
            try await eventually(within: .seconds(30), "\(command) allows no core file") {
                try coreLimit(of: process) == "0 0"
            }
            process.signal(SIGABRT)
            let exit = try await process.waitForExit()
            // A request may have given up waiting on a busy machine.
            if command.count == 1 { #expect(exit == .signal(SIGABRT), "\(process.errors)") }
            #expect(try cores(in: estate.folder) == [])
        }
    }

    /// Without this the test above would pass where nobody can leave one.
    @Test func `leaves its memory in a core file where nothing forbids it`() async throws {
        let folder = try TemporaryDirectory("cores")
        let pattern = try String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)
        let process = try start(["sleep", "600"], in: folder)
        try await eventually("it may leave one") {
            try coreLimit(of: process) == "unlimited unlimited"
        }
        try await eventually("it is the program") {
            try String(contentsOfFile: "/proc/\(process.pid)/comm", encoding: .utf8) == "sleep\n"
        }
        process.signal(SIGABRT)
        #expect(try await process.waitForExit() == .signal(SIGABRT))
        // A pattern that names a program or another folder leaves none here.
        let isHere = pattern.hasPrefix("core")
        let found = try cores(in: folder)
        #expect(found.isEmpty != isHere, "\(pattern)")
    }
}
