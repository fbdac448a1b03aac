import PortConformance
import PostgresJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import Testing

@Suite struct `A replica whose name another session holds` {
    private let clock = SetClock()

    // It was asked for once. Who lost it then counted as gone, however often it showed that it
    // lived, and the others took everything that it received away from it.
    @Test func `asks for it until it has it, and then counts as alive`() async throws {
        let bench = try await PostgresBench.make()
        let (replica, other) = (try await bench.open(clock), try await bench.open(clock))
        let row = Sample.row("o1", at: clock.now)
        try await replica.commit([.enqueue(row)], under: nil)
        let session = try await bench.session()
        // As whoever looks for those that are gone does for a moment.
        let lock = "SELECT %(hashtextextended('rekey replica ' || id, 0)) FROM replicas"
        try await session.run(lock.replacing("%", with: "pg_advisory_lock"))
        _ = try await replica.awaitWork()
        #expect(try await bench.locks() == 0)
        try await session.run(lock.replacing("%", with: "pg_advisory_unlock"))
        _ = try await replica.awaitWork()
        #expect(try await bench.locks() == 1)
        // It is asked for no more: a lock that is held twice has to be given back twice.
        _ = try await replica.awaitWork()
        #expect(try await bench.locks() == 1)
        _ = try await other.awaitWork()
        #expect(try await other.reader.outbox(limit: 9).isEmpty)
        #expect(try await replica.reader.outbox(limit: 9) == [row])
        await session.close()
        for journal in [replica, other] { await journal.close() }
    }
}

extension PostgresBench {
    /// How many locks the sessions hold by which replicas show that they live.
    fileprivate func locks() async throws -> Int? {
        Int(
            try await psql(
                """
                SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
                WHERE l.locktype = 'advisory' AND l.granted
                AND a.application_name = 'rekey \(schema) keeping'
                """
            )
        )
    }
}
