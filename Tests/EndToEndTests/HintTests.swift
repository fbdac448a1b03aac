import Foundation
import RealParts
import RekeyPorts
import StandInParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `Events` {
    /// Events about one version, half of them during its rotation and half afterwards.
    private static let eventCount = 10_000
    /// By which the rotation begins; it is not over when they are sent.
    private static let firstCount = 100

    /// As many events of both schemas, shuffled; half of them share ten ids of each schema.
    private func hints(
        _ estate: Estate,
        about version: String,
        count: Int,
        _ name: String
    )
        -> [String]
    {
        (0..<count / 2).flatMap { index in
            Estate.Schema.allCases.map { schema in
                let id = index % 2 == 0 ? "same-\(index % 20)" : "\(name)-\(schema)-\(index)"
                return estate.event(schema, id: id, version: version)
            }
        }.shuffled()
    }

    @Test func `are hints, however many come, and come again`() async throws {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        let witness = try await Witness(estate)
        let version = try await estate.bringNearExpiry()
        let before = try await estate.azure.lastSequence()
        let half = Self.eventCount / 2
        let during = hints(estate, about: version, count: half, "during")
        try await estate.flood(Array(during.prefix(Self.firstCount)))
        try await eventually(within: .seconds(60), "a rotation begins") {
            try await estate.history(of: "orders-client").count == 1
        }
        #expect(try await estate.history(of: "orders-client").map(\.state) != ["closed"])
        try await estate.flood(Array(during.dropFirst(Self.firstCount)))
        #expect(try await estate.end(of: "orders-client") == "closed")
        try await estate.settles()
        try await expectOneRotation(estate, since: before)

        let after = try await estate.azure.lastSequence()
        try await estate.flood(hints(estate, about: version, count: half, "after"))
        try await estate.settles()
        try await expectReadsOnly(estate, since: after)

        // About the version that was superseded, under an id that nobody has seen.
        let later = try await estate.azure.lastSequence()
        for schema in Estate.Schema.allCases {
            try await estate.flood([estate.event(schema, id: "later", version: version)])
        }
        try await estate.settles()
        try await expectReadsOnly(estate, since: later)

        let finished = witness.deliveries
        #expect(finished.contains { $0.properties.type == "rekey.rotation.closed.v1" })
        let last = try await estate.azure.lastSequence()
        let outcomes = await witness.repeatAll()
        #expect(outcomes == finished.map { _ in .confirmed })
        try await eventually("the witness hears them again") {
            witness.deliveries.count == 2 * finished.count
        }
        try await estate.settles()
        let again = try await estate.azure.changes(since: last)
        #expect(again.writes.isEmpty)
        #expect(try await estate.history(of: "orders-client").count == 1)
        #expect(worker.isRunning)
    }

    /// Rekey looked, and wrote nothing, and no rotation began.
    private func expectReadsOnly(
        _ estate: Estate,
        since sequence: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let changes = try await estate.azure.changes(since: sequence)
        #expect(changes.writes.isEmpty, sourceLocation: sourceLocation)
        let reads = changes.count { $0.principalName == "rekey" && $0.method == "GET" }
        #expect(reads > 0, sourceLocation: sourceLocation)
        let history = try await estate.history(of: "orders-client")
        #expect(history.count == 1, sourceLocation: sourceLocation)
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
}
