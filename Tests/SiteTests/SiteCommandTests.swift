import Foundation
import RekeyCore
import Testing

@testable import RekeyAgent

@Suite(.timeLimit(.minutes(1))) struct `A site's command` {
    // `Process` keeps what it was given, which was the end of the double of Azure.
    @Test func `leaves no file open, however often one is run`() async throws {
        let value = Secret(copying: "value".utf8)
        let rounds = 200
        let before = try openFiles()
        for round in 0..<rounds {
            try await SiteCommand.run(
                ["/bin/sh", "-c", "cat > /dev/null"],
                value: value,
                delivery: "\(round)",
                seconds: 20
            )
        }
        // Other tests open some meanwhile.
        let after = try openFiles()
        #expect(after - before < rounds)
    }

    private func openFiles() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}
