import PortConformance
import PostgresJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import Testing

@Suite struct `The schema of a PostgreSQL journal` {
    private let clock = SetClock()

    @Test func `is made once by workers that start together, and keeps its id`() async throws {
        let bench = try await PostgresBench.make()
        let ids = try await withThrowingTaskGroup { group in
            for _ in 0..<6 {
                group.addTask {
                    let journal = try await bench.open(clock)
                    await journal.close()
                    return journal.id
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await PostgresJournalReader.open(bench.settings()).id == ids.first)
    }

    // A worker that stands still in the midst of a commit has its lock until the server ends it.
    // One that started meanwhile gave up, and those that were at work waited for it until then.
    @Test func `is opened beside a worker that stands still in the midst of a commit`()
        async throws
    {
        let bench = try await PostgresBench.make()
        await (try bench.open(clock)).close()
        let standing = try await bench.session()
        try await standing.run("BEGIN")
        let lock = "hashtextextended('rekey journal \(bench.schema)', 0)"
        try await standing.run("SELECT pg_advisory_xact_lock_shared(\(lock))")
        let journal = try await bench.open(clock)
        #expect(try await journal.receive([Sample.entry("new", at: clock.now)]) == [true])
        try await standing.run("COMMIT")
        await standing.close()
        await journal.close()
    }

    @Test func `of a newer rekey is refused, and not changed`() async throws {
        let bench = try await PostgresBench.make()
        await (try bench.open(clock)).close()
        _ = try await bench.psql(
            "UPDATE journal SET value = '9' WHERE name IN ('format', 'oldest')"
        )
        let refusal = JournalFailure.newerSchema(found: 9, known: 2)
        await #expect(throws: refusal) { try await bench.open(clock) }
        await #expect(throws: refusal) {
            try await PostgresJournalReader.open(bench.settings())
        }
        #expect(try await bench.psql("SELECT value FROM journal WHERE name = 'format'") == "9")
    }

    @Test(arguments: ["CREATE TABLE orders (id int)", "CREATE TABLE journal (id int)"])
    func `of somebody else is refused, and not changed`(_ statement: String) async throws {
        let bench = try await PostgresBench.make()
        _ = try await bench.psql("CREATE SCHEMA \(bench.schema); \(statement)")
        await #expect {
            try await bench.open(clock)
        } throws: { error in
            guard case JournalFailure.damaged(let what) = error else { return false }
            return what.contains(bench.schema)
        }
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = '\(bench.schema)'"
        #expect(try await bench.psql(tables) == "1")
    }

    @Test func `with rows that do not go together is damaged`() async throws {
        let bench = try await PostgresBench.make()
        let journal = try await bench.open(clock)
        let reader = try await PostgresJournalReader.open(bench.settings())
        for (id, event) in Sample.misfits(at: clock.now) {
            let (first, state) = try Sample.accepted(id, at: clock.now)
            let (_, next) = Sample.event(after: state, at: clock.now)
            try await journal.commit(
                [.append(first, state: state), .append(event, state: next)],
                under: nil
            )
            await #expect {
                try await reader.rotation(id)
            } throws: { error in
                guard case JournalFailure.damaged(let what) = error else { return false }
                return what.contains("rotation \(id)")
            }
        }
        await reader.close()
        await journal.close()
    }

    @Test func `is missed by a reader, which makes none`() async throws {
        let bench = try await PostgresBench.make()
        await #expect {
            try await PostgresJournalReader.open(bench.settings())
        } throws: { error in
            guard case JournalFailure.unavailable(let what) = error else { return false }
            return what.contains("there is no journal")
        }
        let found = "SELECT count(*) FROM pg_namespace WHERE nspname = '\(bench.schema)'"
        #expect(try await bench.psql(found) == "0")
    }
}
