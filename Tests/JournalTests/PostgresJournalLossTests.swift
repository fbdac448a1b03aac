import PortConformance
import PostgresJournal
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@Suite struct `A PostgreSQL journal that loses its connection` {
    private let clock = SetClock()

    @Test func `connects again, whichever session was ended`() async throws {
        let bench = try await PostgresBench.make()
        let journal = try await bench.open(clock)
        for index in 0..<5 {
            let row = Sample.row(EventID("o\(index)"), at: clock.now)
            try await journal.commit([.enqueue(row)], under: nil)
            #expect(try await journal.reader.outbox(limit: 9).count == index + 1)
            #expect(try await bench.endSessions() == 2)
        }
        await journal.close()
    }

    @Test func `makes a commit again that was ended before it happened`() async throws {
        let bench = try await PostgresBench.make()
        let journal = try await bench.open(clock)
        // The transaction waits inside its COMMIT, where nobody can tell from outside how it ends.
        try await bench.slowCommits()
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        let row = Sample.row("o1", rotation: "r1", at: clock.now)
        async let committed: Void = journal.commit(
            [.append(event, state: state), .enqueue(row)],
            under: nil
        )
        try await eventually("a COMMIT waits") { try await bench.waits(for: "PgSleep") }
        try await bench.openGate()
        #expect(try await bench.end(where: "wait_event = 'PgSleep'") == 1)
        try await committed
        #expect(try await journal.reader.history(of: "r1").count == 1)
        #expect(try await journal.reader.outbox(limit: 9) == [row])
        await journal.close()
    }

    @Test func `does not repeat a commit that happened without an answer`() async throws {
        let server = try await PrivatePostgres.start()
        let bench = try await PostgresBench.make(on: server)
        let journal = try await bench.open(clock)
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        try await journal.commit([.append(event, state: state)], under: nil)
        let (next, after) = Sample.event(after: state, at: clock.now)
        // A COMMIT is then on disk, and unanswered, until a standby that does not exist has it.
        try await bench.setStandby("nobody")
        let entry = Sample.entry("e1", at: clock.now)
        async let received = journal.receive([entry])
        async let committed: Void = journal.commit([.append(next, state: after)], under: nil)
        try await eventually("a COMMIT waits for a standby") {
            try await bench.waits(for: "SyncRep")
        }
        #expect(try await bench.end(where: "wait_event = 'SyncRep'") == 1)
        try await bench.setStandby("")
        // Repeated blindly, the append would be a conflict and the entry not new.
        try await committed
        #expect(try await received == [true])
        #expect(try await journal.reader.rotation("r1") == after)
        #expect(try await journal.reader.history(of: "r1").count == 2)
        #expect(try await journal.receive([entry]) == [false])
        await journal.close()
    }

    @Test func `refuses while the server is away, and names no password`() async throws {
        let server = try await PrivatePostgres.start()
        let bench = try await PostgresBench.make(on: server)
        let journal = try await bench.open(clock)
        let row = Sample.row("o1", at: clock.now)
        try await journal.commit([.enqueue(row)], under: nil)
        try await server.kill()
        await #expect {
            try await journal.commit([.enqueue(Sample.row("o2", at: clock.now))], under: nil)
        } throws: { error in
            guard case JournalFailure.unavailable(let what) = error else { return false }
            return what.contains("unreachable") && !what.contains(server.password)
        }
        await journal.close()
    }
}

extension PostgresBench {
    /// Ends every session of the journal, and answers how many there were.
    fileprivate func endSessions() async throws -> Int {
        try await end(where: "true")
    }

    /// Makes each commit with a row for the outbox wait before it happens.
    fileprivate func slowCommits() async throws {
        _ = try await psql(
            """
            CREATE TABLE gate AS SELECT 1 AS one;
            CREATE FUNCTION wait_long() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN IF EXISTS (SELECT 1 FROM gate) THEN PERFORM pg_sleep(9); END IF;
                RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON outbox
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_long();
            """
        )
    }

    fileprivate func openGate() async throws { _ = try await psql("DELETE FROM gate") }

    fileprivate func setStandby(_ name: String) async throws {
        _ = try await psql("ALTER SYSTEM SET synchronous_standby_names = '\(name)'")
        _ = try await psql("SELECT pg_reload_conf()")
        try await eventually("the standby is '\(name)'") {
            try await psql("SHOW synchronous_standby_names") == name
        }
    }

    /// Whether a session of the journal waits for `event`.
    fileprivate func waits(for event: String) async throws -> Bool {
        let waiting = try await psql(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = '\(application)' AND wait_event = '\(event)'
            """
        )
        return waiting != "0"
    }

    /// Ends the sessions of the journal that match, and answers how many there were.
    @discardableResult
    fileprivate func end(where condition: String) async throws -> Int {
        let count = try await psql(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE application_name LIKE 'rekey \(schema) %' AND \(condition)
            """
        )
        return Int(count) ?? 0
    }

    private var application: String { "rekey \(schema) writing" }
}
