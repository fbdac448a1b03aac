import Foundation
import RealParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct `Events` {
    /// Ten thousand when it is asked for, by `REKEY_TEST_EVENTS`.
    private static var eventCount: Int {
        ProcessInfo.processInfo.environment["REKEY_TEST_EVENTS"].flatMap { Int($0) } ?? 2_000
    }

    @Test func `are hints, however many come, and come again`() async throws {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        let version = try await estate.bringNearExpiry()
        let before = try await estate.azure.lastSequence()
        let half = Self.eventCount / 2
        // Half of them share ten ids; both schemas bring the same fact.
        let events = (0..<half).flatMap { index in
            Estate.Schema.allCases.map { schema in
                let id = index % 2 == 0 ? "same-\(index % 20)" : "\(schema)-\(index)"
                return estate.event(schema, id: id, version: version)
            }
        }.shuffled()
        try await estate.flood(events)
        #expect(try await estate.end(of: "orders-client") == "closed")
        try await estate.settles()
        try await expectOneRotation(estate, since: before)
        #expect(try await estate.history(of: "orders-client").count == 1)

        let after = try await estate.azure.lastSequence()
        try await estate.flood(events.shuffled())
        try await estate.flood([estate.event(.eventGrid, id: "later", version: version)])
        try await estate.settles()
        #expect(try await estate.azure.changes(since: after).writes.isEmpty)
        #expect(try await estate.history(of: "orders-client").count == 1)
        #expect(worker.isRunning)
    }

    @Test func `may all be lost, for the sweeper finds what is due`() async throws {
        let estate = try await Estate.make(
            Estate.Options(sweepEvery: "1s", expiresInSeconds: 864_000)
        )
        let worker = try await estate.startWorker()
        #expect(try await estate.end(of: "orders-client") == "closed")
        #expect(try await estate.end(of: "orders-database") == "closed")
        try await estate.settles()
        let changes = try await estate.azure.changes()
        #expect(changes.done("addPassword") == 1)
        #expect(changes.done("setSecret", vault: "app") == 2)
        #expect(worker.isRunning)
    }

    @Test func `that nobody can read are parked with the reason`() async throws {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        #expect(try await estate.post("{\"not\": an event}") == 200)
        let unknown = estate.event(.cloudEvents, id: "unknown-type", version: "v")
            .replacing("SecretNearExpiry", with: "KeyRotated")
        #expect(try await estate.post(unknown) == 200)
        try await eventually(within: .seconds(30), "both are parked") {
            try await estate.rabbit.listQueues(estate.virtualHost)["rekey.parked.rekey.intake"]?
                .messages == 2
        }
        let list = try await estate.rekey("parked", "list")
        #expect(list.exit == .code(0), "\(list.errors)")
        let rows = list.output.split(separator: "\n").dropFirst()
        #expect(rows.count == 2, "\(list.output)")
        #expect(rows.allSatisfy { !$0.contains("rejected or delivered too often") })
        #expect(list.output.contains("rekey.intake"))
        let words = try #require(rows.first).split(separator: " ").map(String.init)
        let show = try await estate.rekey("parked", "show", "rekey.intake", words[1])
        #expect(show.exit == .code(0), "\(show.errors)")
        #expect(show.output.contains("rekey-parked-reason: "), "\(show.output)")
        let replay = try await estate.rekey("parked", "replay", "rekey.intake", words[1])
        #expect(replay.exit == .code(0), "\(replay.errors)")
        let discard = try await estate.rekey("parked", "discard", "rekey.intake", "none")
        #expect(discard.exit == .code(64))
        #expect(worker.isRunning)
    }
}
