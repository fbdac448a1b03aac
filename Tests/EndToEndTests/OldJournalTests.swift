import Foundation
import RealParts
import StandInParts
import Testing

/// What a journal knows, and what vaults and targets know better.
@Suite(.serialized, .timeLimit(.minutes(15))) struct `A journal beside its vaults` {
    private static let secret = "orders-client"

    /// Whoever asks may decide as well.
    private func permission(_ estate: Estate) -> (String, String) {
        let asks = "request: [\"user:\(estate.rabbit.user)\"]"
        return (asks, asks + "\n  approve: [\"user:\(estate.rabbit.user)\"]")
    }

    private func rotate(_ estate: Estate, _ count: Int) async throws {
        let rotate = try await estate.rekey("rotate", Self.secret)
        #expect(rotate.exit == .code(0), "\(rotate.errors)")
        #expect(try await estate.end(of: Self.secret, count: count) == "closed")
    }

    private func stop(_ worker: ChildProcess) async throws {
        worker.terminate()
        try await worker.waitForExit()
    }

    private func files(_ estate: Estate) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: estate.folder.path)
            .filter { $0.hasPrefix("journal.db") }.map { estate.folder.file($0) }
    }

    @Test func `that was restored from an old copy writes nothing until it is recovered`()
        async throws
    {
        let estate = try await Estate.make()
        try estate.writeConfiguration([permission(estate)])
        var worker = try await estate.startWorker()
        try await rotate(estate, 1)
        try await stop(worker)
        let kept = try files(estate).map { ($0, try Data(contentsOf: URL(fileURLWithPath: $0))) }
        worker = try await estate.startWorker()
        try await rotate(estate, 2)
        try await stop(worker)
        for path in try files(estate) { try FileManager.default.removeItem(atPath: path) }
        for (path, data) in kept { try data.write(to: URL(fileURLWithPath: path)) }

        let told = try await estate.rekey("recover")
        expectError(told, 1, saying: "has sequence 2, the journal 1", "old or lost")
        let before = try await estate.azure.lastSequence()
        worker = try await estate.startWorker()
        expectError(try await estate.rekey("rotate", Self.secret), 1, saying: "rekey recover")
        #expect(try await estate.azure.changes(since: before).writes.isEmpty)

        // A request that is answered late is carried out all the same.
        try await eventually(within: .seconds(60), "the records are built anew") {
            let rebuilt = try await estate.rekey("recover", "--rebuild")
            guard rebuilt.succeeded else { throw PartFailure(rebuilt.errors) }
            return true
        }
        try await rotate(estate, 2)
        let agree = try await estate.rekey("recover")
        #expect(agree.exit == .code(0), "\(agree.output)\(agree.errors)")
        let stored = try await estate.azure.accepted().vaults["app"]?["orders-client-secret"]
        let newest = stored?.versions.first { $0.version == stored?.latest }
        #expect(newest?.tags?["rekey-seq"] == "3")
        let passwords = try await estate.azure.accepted().applications["orders-api"]?.passwords
        #expect(passwords?.count { $0.accepted } == 1)
        try await stop(worker)
    }

    @Test func `of two installations only the owner's writes, and who takes over is the owner`()
        async throws
    {
        let estate = try await Estate.make()
        try estate.writeConfiguration([permission(estate)])
        let first = try await estate.startWorker()
        try await rotate(estate, 1)
        let host = "\(estate.virtualHost)-other"
        try await estate.rabbit.makeVirtualHost(host)
        let free = "127.0.0.1:\(try FreePort.next())"
        let other = try estate.writeConfiguration(
            [
                permission(estate), ("installation: e2e", "installation: other"),
                (estate.journalPath, estate.folder.file("other.db")),
                ("vhost: \(estate.virtualHost)", "vhost: \(host)"),
                (estate.gateway.replacing("https://localhost", with: "127.0.0.1"), free),
            ],
            to: "other.yaml"
        )
        let second = try ChildProcess(try BuiltProgram.path("rekey"), ["run", "--config", other])
        try await eventually(within: .seconds(60), "the other knows the secrets") {
            guard second.isRunning else { throw PartFailure("it ended: \(second.errors)") }
            let status = try await estate.rekey("status", config: other)
            return status.succeeded && !status.output.contains("unknown")
        }
        let before = try await estate.azure.lastSequence()
        let declined = try await estate.rekey("rotate", Self.secret, config: other)
        expectError(declined, 1, saying: "owned by installation e2e")
        #expect(try await estate.azure.changes(since: before).writes.isEmpty)

        let taken = try await estate.rekey("adopt", Self.secret, "--take-over", config: other)
        #expect(taken.exit == .code(0), "\(taken.output)\(taken.errors)")
        let late = try await estate.rekey("rotate", Self.secret)
        expectError(late, 1, saying: "owned by installation other")
        // One that is refused keeps no other from being built anew.
        let rebuilt = try await estate.rekey("recover", "--rebuild")
        expectError(rebuilt, 1, saying: "1 records were not built anew")
        #expect(rebuilt.output.contains("0 records were built anew"), "\(rebuilt.output)")
        let rotated = try await estate.rekey("rotate", Self.secret, "--wait", config: other)
        #expect(rotated.exit == .code(0), "\(rotated.output)\(rotated.errors)")
        #expect(first.isRunning && second.isRunning)
    }
}
