import Foundation
import PortConformance
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import Testing

@testable import PostgresJournal

@Suite struct `A PostgreSQL journal of the first format` {
    private let clock = SetClock()

    private func first(after count: Int) async throws -> (FirstFormat, PostgresBench) {
        let kept = try #require(try FirstFormat.rotations().first)
        let bench = try await PostgresBench.make()
        _ = try await bench.psql(kept.postgres(bench.schema, after: count))
        return (kept, bench)
    }

    @Test func `is brought up to date in the midst of any step, and goes on`() async throws {
        for cut in try FirstFormat.cuts().prefix(12) {
            let bench = try await PostgresBench.make()
            _ = try await bench.psql(cut.kept.postgres(bench.schema, after: cut.count))
            let journal = try await bench.open(clock)
            let reader = try await PostgresJournalReader.open(bench.settings())
            let checks = FirstFormatChecks(
                kept: cut.kept,
                count: cut.count,
                journal: journal,
                reader: reader
            )
            try await checks.run()
            // What the older worker left is taken over.
            #expect(try await journal.awaitWork() == .inbox)
            #expect(try await journal.reader.inbox(limit: 9).count == 1)
            await reader.close()
            await journal.close()
        }
    }

    @Test func `comes to the same tables as a new one has`() async throws {
        let (_, bench) = try await first(after: 1)
        let new = try await PostgresBench.make()
        for each in [bench, new] { await (try each.open(clock)).close() }
        #expect(try await columns(of: bench) == columns(of: new))
    }

    private func columns(of bench: PostgresBench) async throws -> String {
        try await bench.psql(
            """
            SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
            WHERE table_schema = '\(bench.schema)' ORDER BY 1, 2
            """
        )
    }

    // Its connection is cut while the migration waits for a worker that is at work.
    @Test func `is left as it was by a migration that is cut off`() async throws {
        let (kept, bench) = try await first(after: 20)
        let busy = try await bench.session()
        try await busy.run("BEGIN")
        try await busy.run("LOCK TABLE inbox IN ROW EXCLUSIVE MODE")
        let opening = Task { try await bench.open(clock) }
        let waiting = """
            FROM pg_stat_activity WHERE application_name = 'rekey \(bench.schema) writing'
            AND wait_event_type = 'Lock'
            """
        try await eventually("the migration waits") {
            try await bench.psql("SELECT count(*) \(waiting)") == "1"
        }
        _ = try await bench.psql("SELECT pg_terminate_backend(pid) \(waiting)")
        guard case .failure(JournalFailure.unavailable) = await opening.result else {
            Issue.record("it was opened")
            return
        }
        #expect(try await bench.psql("SELECT value FROM journal WHERE name = 'format'") == "1")
        #expect(try await columns(of: bench).contains("replayed_by") == false)
        await busy.close()
        let journal = try await bench.open(clock)
        let reader = try await PostgresJournalReader.open(bench.settings())
        try await FirstFormatChecks(kept: kept, count: 20, journal: journal, reader: reader).run()
        await reader.close()
        await journal.close()
    }

    // Workers are replaced one by one: those of before go on beside the new ones.
    @Test func `is brought up to date under a worker that goes on with it`() async throws {
        let (_, bench) = try await first(after: 20)
        let old = try await bench.session()
        try await old.run("PREPARE receive AS \(Self.oldReceive)")
        try await old.run("PREPARE look AS \(Self.oldLook)")
        try await old.run("BEGIN")
        try await old.run("EXECUTE receive('before')")
        async let opening = bench.open(clock)
        try await eventually("the migration waits") {
            try await bench.psql("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0"
        }
        try await old.run("COMMIT")
        let journal = try await opening
        try await old.run("EXECUTE receive('after')")
        let seen = try await old.perform { (own) throws(PostgresFailure) in
            try own.query("EXECUTE look", [])
        }
        #expect(seen.map { $0[1] } == ["asked", "before", "after"])
        let entry = Sample.entry("new", at: clock.now)
        #expect(try await journal.receive([entry]) == [true])
        let reader = try await PostgresJournalReader.open(bench.settings())
        let all = try await reader.inbox(limit: 9).map(\.id.event.text).sorted()
        #expect(all == ["after", "asked", "before", "new"])
        await reader.close()
        await journal.close()
    }

    /// The statements of the older worker about the table that has changed since, word by word but
    /// for their parameters.
    private static let oldReceive = """
        INSERT INTO inbox
            (lane, event, type, rotation, body, user_id, is_urgent, received_at, replica)
        SELECT lane, event, type, rotation, body, user_id, is_urgent, received_at, 'first-replica'
        FROM unnest(ARRAY['admit'], ARRAY[$1], ARRAY['rekey.rotation.requested.v1'],
            ARRAY[NULL::text], ARRAY['\\x7b7d'::bytea], ARRAY[NULL::text], ARRAY[false],
            ARRAY[1::double precision]) WITH ORDINALITY
            AS u (lane, event, type, rotation, body, user_id, is_urgent, received_at, place)
        WHERE NOT EXISTS (SELECT 1 FROM handled AS h WHERE h.lane = u.lane AND h.event = u.event)
        ORDER BY place
        """

    private static let oldLook = """
        SELECT lane, event, type, rotation, body, user_id, is_urgent, received_at FROM inbox
        WHERE replica = 'first-replica' ORDER BY is_urgent DESC, seq LIMIT 9
        """
}
