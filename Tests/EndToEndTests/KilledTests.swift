import Foundation
import Glibc
import RealParts
import StandInParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `A worker that is killed` {
    /// After which of its own requests at the vaults and Graph it is killed.
    @Test(arguments: ["addPassword", "setSecret"])
    func `is resumed by the next, and nothing is done twice`(operation: String) async throws {
        let estate = try await Estate.make()
        let first = try await estate.startWorker()
        try await estate.bringNearExpiry()
        let before = try await estate.azure.lastSequence()
        async let asked = estate.rekey("rotate", "orders-client")
        try await eventually(within: .seconds(60), "\(operation) was done") {
            try await estate.azure.changes(since: before).done(operation) > 0
        }
        first.kill()
        #expect(try await first.waitForExit() == .signal(SIGKILL))
        _ = try? await asked
        let second = try await estate.startWorker()
        #expect(try await estate.end(of: "orders-client") == "closed")
        let passwords = try await estate.azure.accepted().applications["orders-api"]?.passwords
        #expect(passwords?.count(where: \.accepted) == 1)
        let latest = try await estate.azure.accepted().vaults["app"]?["orders-client-secret"]
        #expect(passwords?.first { $0.accepted }?.digest == latest?.digest)
        let changes = try await estate.azure.changes(since: before)
        #expect(changes.done("setSecret", vault: "app") == 1)
        #expect(changes.done("setSecret", vault: "staging") == 1)
        // A value that died with the process before it was staged is withdrawn, and asked for anew.
        let withdrawn = changes.done("removePassword") - 1
        #expect(changes.done("addPassword") == 1 + withdrawn)
        #expect(operation == "addPassword" || withdrawn == 0)
        #expect(try await estate.history(of: "orders-client").count == 1)
        second.terminate()
        #expect(try await second.waitForExit() == .code(0))
    }
}
