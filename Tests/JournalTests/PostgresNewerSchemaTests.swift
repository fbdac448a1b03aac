import PortConformance
import PostgresJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import Testing

@Suite struct `A PostgreSQL journal that a newer rekey migrates` {
    private let clock = SetClock()
    private let refusal = JournalFailure.newerSchema(found: 9, known: 2)

    /// What a migration does at its end; `oldest` is what it leaves the journal fit for.
    private func migration(to oldest: Int) -> String {
        """
        UPDATE journal SET value = '9' WHERE name = 'format';
        UPDATE journal SET value = '\(oldest)' WHERE name = 'oldest';
        """
    }

    @Test func `is gone on with, and opened, where it only got more`() async throws {
        let bench = try await PostgresBench.make()
        let journal = try await bench.open(clock)
        _ = try await bench.psql(migration(to: 2))
        try await journal.commit([.enqueue(Sample.row("e1", at: clock.now))], under: nil)
        _ = try await journal.awaitWork()
        let again = try await bench.open(clock)
        #expect(again.id == journal.id)
        let reader = try await PostgresJournalReader.open(bench.settings())
        #expect(try await reader.outbox(limit: 9).count == 1)
        await reader.close()
        await again.close()
        await journal.close()
    }

    @Test func `is written no more by a worker that cannot know what it holds`() async throws {
        let bench = try await PostgresBench.make()
        let journal = try await bench.open(clock)
        let claim = try #require(try await journal.claim("r1", for: "w1", seconds: 60))
        _ = try await bench.psql(migration(to: 9))
        let row = Sample.row("e1", at: clock.now)
        await #expect(throws: refusal) { try await journal.commit([.enqueue(row)], under: nil) }
        await #expect(throws: refusal) { try await journal.commit([.enqueue(row)], under: claim) }
        await #expect(throws: refusal) {
            _ = try await journal.receive([Sample.entry("e2", at: clock.now)])
        }
        await #expect(throws: refusal) { _ = try await journal.awaitWork() }
        await #expect(throws: refusal) { _ = try await bench.open(clock) }
        #expect(try await bench.psql("SELECT count(*) FROM outbox") == "0")
        #expect(try await bench.psql("SELECT count(*) FROM inbox") == "0")
        await journal.close()
    }

    // A transaction that began before the migration's end read what it took for the truth.
    @Test func `has a transaction wait for a migration that is under way`() async throws {
        let bench = try await PostgresBench.make()
        let journal = try await bench.open(clock)
        let newer = try await bench.session()
        try await newer.run(
            "BEGIN",
            "SELECT pg_advisory_xact_lock(hashtextextended('rekey journal \(bench.schema)', 0))",
            "UPDATE journal SET value = '9' WHERE name IN ('format', 'oldest')"
        )
        let row = Sample.row("e1", at: clock.now)
        let commit = Task { try await journal.commit([.enqueue(row)], under: nil) }
        try await eventually("the transaction waits") {
            try await bench.psql(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            ) == "1"
        }
        try await newer.run("COMMIT")
        await #expect(throws: refusal) { try await commit.value }
        #expect(try await bench.psql("SELECT count(*) FROM outbox") == "0")
        await journal.close()
    }
}
