import Foundation
import Testing

@testable import azure_standin

@Suite(.timeLimit(.minutes(1))) struct `A program that the stand-in runs` {
    // Three for each, until one more start read beyond the list of them.
    @Test func `leaves no file open, however often one is run`() async throws {
        let folder = NSTemporaryDirectory() + "standin-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let rounds = 200
        let before = try openFiles()
        for round in 0..<rounds {
            let result = try await ChildProcess.run(
                "/bin/cat",
                [],
                input: Array("\(round)".utf8),
                directory: folder,
                scratch: folder
            )
            #expect(result.output == Array("\(round)".utf8))
        }
        let after = try openFiles()
        // Other tests open some meanwhile.
        #expect(after - before < rounds)
    }

    private func openFiles() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}
