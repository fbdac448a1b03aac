import Foundation
import PortConformance
import PostgresJournal
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@Suite struct `Workers that share a PostgreSQL journal` {
    private let clock = SetClock()

    @Test func `refuse what is written under a claim that another took over`() async throws {
        let bench = try await PostgresBench.make()
        let (first, second) = (try await bench.open(clock), try await bench.open(SetClock()))
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        try await first.commit([.append(event, state: state)], under: nil)
        let entry = Sample.entry("e1", rotation: "r1", at: clock.now)
        _ = try await first.receive([entry])
        let stalled = try #require(await first.claim("r1", for: "w1", seconds: 60))
        #expect(try await second.claim("r1", for: "w2", seconds: 30) == nil)
        // Neither worker's clock moves: only the database's ends the claim.
        _ = try await bench.psql("UPDATE claims SET until = extract(epoch FROM clock_timestamp())")
        let taken = try #require(await second.claim("r1", for: "w2", seconds: 60))
        #expect(taken.epoch > stalled.epoch)
        let (next, after) = Sample.event(after: state, at: clock.now)
        let writes: [JournalWrite] = [
            .append(next, state: after), .handled(entry.id),
            .enqueue(Sample.row("o1", rotation: "r1", at: clock.now)),
            .arm(JournalTimer(rotation: "r1", lane: "stage", dueAt: clock.now)),
            .credential(CredentialRecord(id: "db", adoptedAt: clock.now)),
            .debt(Sample.owed("a", at: clock.now)),
        ]
        let before = try await contents(of: bench)
        await #expect {
            try await first.commit(writes, under: stalled)
        } throws: { error in
            guard case JournalFailure.staleClaim = error else { return false }
            return true
        }
        #expect(try await contents(of: bench) == before)
        try await second.commit(writes, under: taken)
        #expect(try await first.reader.rotation("r1") == after)
        try await first.release(stalled)
        #expect(try await first.claim("r1", for: "w1", seconds: 1) == nil)
        await first.close()
        await second.close()
    }

    @Test func `lose and double nothing of what they write at once`() async throws {
        let bench = try await PostgresBench.make()
        var journals: [PostgresJournal] = []
        for _ in 0..<3 { journals.append(try await bench.open(clock)) }
        let now = clock.now
        try await withThrowingTaskGroup { group in
            for index in 0..<300 {
                let journal = journals[index % 3]
                group.addTask {
                    let id = RotationID("r\(index)")
                    let entry = Sample.entry(EventID("e\(index)"), rotation: id, at: now)
                    #expect(try await journal.receive([entry]) == [true])
                    let claim = try #require(await journal.claim(id, for: "w", seconds: 30))
                    let (event, state) = try Sample.accepted(id, at: now)
                    try await journal.commit(
                        [
                            .append(event, state: state), .handled(entry.id),
                            .enqueue(Sample.row(EventID("o\(index)"), rotation: id, at: now)),
                        ],
                        under: claim
                    )
                    try await journal.release(claim)
                }
            }
            try await group.waitForAll()
        }
        var owned = 0
        for journal in journals { owned += try await journal.reader.outbox(limit: 999).count }
        #expect(owned == 300)
        let counts = JournalCounts(openRotations: 300, unsentOutbox: 300, oldestUnsent: now)
        let reader = try await PostgresJournalReader.open(bench.settings())
        #expect(try await reader.counts() == counts)
        #expect(try await reader.outbox(limit: 999).count == 300)
        for id in try await reader.rotationIDs() {
            #expect(try await reader.history(of: id).count == 1)
        }
        // They wrote beside each other, each many callers at a time.
        #expect(journals.allSatisfy { $0.groupCounts.callers > $0.groupCounts.transactions * 2 })
        for journal in journals { await journal.close() }
    }

    @Test func `append an event once, and begin one rotation of a credential`() async throws {
        let bench = try await PostgresBench.make()
        let journals = [try await bench.open(clock), try await bench.open(clock)]
        let now = clock.now
        let successes = await withTaskGroup { group in
            for index in 0..<40 {
                let journal = journals[index % 2]
                group.addTask {
                    do {
                        let id = RotationID("r\(index)")
                        let (event, state) = try Sample.accepted(id, at: now)
                        var record = CredentialRecord(id: "db", adoptedAt: now)
                        record.sequence = 7
                        let writes = [
                            .append(event, state: state), JournalWrite.credential(record),
                        ]
                        try await journal.commit(writes, under: nil)
                        return 1
                    } catch JournalFailure.conflict {
                        return 0
                    } catch {
                        Issue.record(error)
                        return 0
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(successes == 1)
        #expect(try await journals[0].reader.rotations(RotationQuery()).count == 1)
        for journal in journals { await journal.close() }
    }

    @Test func `refuse a credential's record that another worker has replaced since`() async throws
    {
        let bench = try await PostgresBench.make()
        let (first, second) = (try await bench.open(clock), try await bench.open(clock))
        let new = CredentialRecord(id: "db", sequence: 3, adoptedAt: clock.now)
        try await first.commit([.credential(new)], under: nil)
        var paused = try #require(try await first.reader.credential("db"))
        var noted = try #require(try await second.reader.credential("db"))
        paused.isPaused = true
        noted.dueAt = clock.now
        try await first.commit([.credential(paused)], under: nil)
        await #expect {
            try await second.commit([.credential(noted)], under: nil)
        } throws: { error in
            guard case JournalFailure.conflict = error else { return false }
            return true
        }
        #expect(try await second.reader.credential("db") == paused.written)
        await first.close()
        await second.close()
    }

    @Test func `refuse only whose record cannot be read`() async throws {
        let bench = try await PostgresBench.make()
        let journal = try await bench.open(clock)
        let records = ["db", "cache"].map {
            CredentialRecord(id: CredentialID($0), adoptedAt: clock.now)
        }
        try await journal.commit(records.map { .credential($0) }, under: nil)
        _ = try await bench.psql("UPDATE credentials SET record = '\\x7b' WHERE id = 'db'")
        let answers = await withTaskGroup { group in
            for record in records {
                group.addTask {
                    do throws(JournalFailure) {
                        try await journal.commit([.credential(record.written)], under: nil)
                        return "\(record.id) is written"
                    } catch .damaged {
                        return "\(record.id) is damaged"
                    } catch {
                        return "\(record.id): \(error)"
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.sorted() == ["cache is written", "db is damaged"])
        await journal.close()
    }

    @Test func `leave what one received to the others when it goes`() async throws {
        let bench = try await PostgresBench.make()
        let (first, second) = (try await bench.open(clock), try await bench.open(clock))
        _ = try await first.awaitWork()
        let entry = Sample.entry("e1", rotation: "r1", at: clock.now)
        let row = Sample.row("o1", rotation: "r1", at: clock.now)
        _ = try await first.receive([entry])
        try await first.commit([.enqueue(row)], under: nil)
        // It lives, so that its rows are its own.
        #expect(try await second.awaitWork() == .rows)
        #expect(try await second.reader.inbox(limit: 9).isEmpty)
        #expect(try await second.reader.outbox(limit: 9).isEmpty)
        await first.close()
        try await eventually(within: .seconds(20), "the rows are taken over") {
            try await second.awaitWork() == .inbox
        }
        #expect(try await second.reader.inbox(limit: 9) == [entry])
        #expect(try await second.reader.outbox(limit: 9) == [row])
        await second.close()
    }

    // One that had stood still repeated the order that another had carried out for it.
    @Test func `handle an entry once, whoever took it over`() async throws {
        let bench = try await PostgresBench.make()
        let (stopped, other) = (try await bench.open(clock), try await bench.open(clock))
        _ = try await stopped.awaitWork()
        let entries = (0..<50).map { Sample.entry(EventID("e\($0)"), at: clock.now) }
        _ = try await stopped.receive(entries)
        _ = try await bench.psql("UPDATE inbox SET replica = 'other'")
        let handled = await withTaskGroup { group in
            for (index, entry) in entries.enumerated() {
                for journal in [stopped, other] {
                    group.addTask { [clock] in
                        let row = Sample.row(EventID("o\(index)"), at: clock.now)
                        do throws(JournalFailure) {
                            try await journal.commit(
                                [.sent([row.event]), .enqueue(row), .handled(entry.id)],
                                under: nil
                            )
                            return 1
                        } catch .gone {
                            return 0
                        } catch {
                            Issue.record(error)
                            return 99
                        }
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(handled == 50)
        for journal in [stopped, other] { await journal.close() }
    }

    @Test func `take over from one that stands still, and no row twice`() async throws {
        let bench = try await PostgresBench.make()
        let stopped = try await bench.open(clock)
        _ = try await stopped.awaitWork()
        var others: [PostgresJournal] = []
        for _ in 0..<2 { others.append(try await bench.open(clock, replicaSeconds: 1)) }
        for index in 0..<50 {
            let row = Sample.row(EventID("o\(index)"), at: clock.now)
            try await stopped.commit([.enqueue(row)], under: nil)
        }
        // Its session stays, as a stopped process's does, and only its signs of life are missing.
        try await eventually(within: .seconds(20), "all rows are taken over") {
            for other in others { _ = try await other.awaitWork() }
            return try await stopped.reader.outbox(limit: 99).isEmpty
        }
        var owned: [EventID] = []
        for other in others { owned += try await other.reader.outbox(limit: 99).map(\.event) }
        #expect(owned.count == 50)
        #expect(Set(owned).count == 50)
        for journal in [stopped] + others { await journal.close() }
    }

    @Test func `take over what one that lives does not publish for long`() async throws {
        let bench = try await PostgresBench.make()
        let (silent, other) = (try await bench.open(clock), try await bench.open(clock))
        for journal in [silent, other] { _ = try await journal.awaitWork() }
        let rows = ["o1", "o2"].map { Sample.row(EventID($0), at: clock.now) }
        try await silent.commit([.enqueue(rows[0]), .enqueue(rows[1])], under: nil)
        _ = try await bench.psql("UPDATE outbox SET since = since - 40 WHERE event = 'o1'")
        _ = try await other.awaitWork()
        #expect(try await other.reader.outbox(limit: 9) == [rows[0]])
        #expect(try await silent.reader.outbox(limit: 9) == [rows[1]])
        // It is given time anew, and does not go back at once.
        _ = try await silent.awaitWork()
        #expect(try await silent.reader.outbox(limit: 9) == [rows[1]])
        for journal in [silent, other] { await journal.close() }
    }

    @Test func `publish the rows of a rotation in the order of their commits`() async throws {
        let bench = try await PostgresBench.make()
        let (first, second) = (try await bench.open(clock), try await bench.open(clock))
        for journal in [first, second] { _ = try await journal.awaitWork() }
        let rows = ["o1", "o2"].map { Sample.row(EventID($0), rotation: "r1", at: clock.now) }
        let other = Sample.row("o3", rotation: "r2", at: clock.now)
        try await first.commit([.enqueue(rows[0])], under: nil)
        try await second.commit([.enqueue(rows[1]), .enqueue(other)], under: nil)
        #expect(try await first.reader.outbox(limit: 9) == [rows[0]])
        #expect(try await second.reader.outbox(limit: 9) == [other])
        try await first.commit([.sent(["o1"])], under: nil)
        #expect(try await second.reader.outbox(limit: 9) == [rows[1], other])
        for journal in [first, second] { await journal.close() }
    }

    /// Everything in the tables, but for who lives.
    private func contents(of bench: PostgresBench) async throws -> String {
        let tables = [
            "claims", "rotations", "events", "inbox", "handled", "outbox", "announced", "timers",
            "credentials", "debts",
        ]
        let queries = tables.map { "SELECT '\($0)', t FROM \($0) AS t ORDER BY t::text;" }
        return try await bench.psql(queries.joined(separator: "\n"))
    }
}

extension Sample {
    fileprivate static func owed(_ account: AccountID, at date: Date) -> Debt {
        Debt(credential: "db", target: "postgres", account: account, rotation: "r1", since: date)
    }
}
