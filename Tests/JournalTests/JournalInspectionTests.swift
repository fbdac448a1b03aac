import PortConformance
import PostgresJournal
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@Suite struct `A look at a PostgreSQL journal` {
    private let password = "of-an-ordinary-user"

    @Test func `says that nobody may make the tables, and changes nothing`() async throws {
        let bench = try await PostgresBench.make()
        let settings = try await ordinary(bench)
        let findings = await JournalInspection.findings(settings)
        #expect(findings.map(\.severity) == [.problem])
        #expect(findings.first?.text == "there is no journal, and no right to make one")
        #expect(findings.first?.hint?.contains("CREATE SCHEMA \(bench.schema)") == true)
        await #expect {
            try await PostgresJournal.open(settings, clock: SetClock())
        } throws: { error in
            guard case JournalFailure.unavailable(let what) = error else { return false }
            return what.contains("42501")
        }
        let found = "SELECT count(*) FROM pg_namespace WHERE nspname = '\(bench.schema)'"
        #expect(try await bench.psql(found) == "0")
    }

    @Test func `names each right that is missing`() async throws {
        let bench = try await PostgresBench.make()
        let settings = try await ordinary(bench)
        await (try bench.open(SetClock())).close()
        let none = await JournalInspection.findings(settings)
        #expect(none.map(\.text) == ["no right to USAGE of the schema"])
        _ = try await bench.psql(
            """
            GRANT USAGE ON SCHEMA \(bench.schema) TO \(settings.user);
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(bench.schema)
                TO \(settings.user);
            REVOKE DELETE ON outbox, inbox FROM \(settings.user);
            """
        )
        let some = await JournalInspection.findings(settings)
        #expect(
            some.map(\.text) == ["no right to DELETE of inbox", "no right to DELETE of outbox"]
        )
        _ = try await bench.psql("GRANT DELETE ON outbox, inbox TO \(settings.user)")
        #expect(await JournalInspection.findings(settings).isEmpty)
        // With these rights, and none to make or own anything, a worker works.
        let journal = try await PostgresJournal.open(settings, clock: SetClock())
        let clock = SetClock()
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        try await journal.commit([.append(event, state: state)], under: nil)
        #expect(try await journal.awaitWork() == .rows)
        #expect(try await journal.reader.rotation("r1") == state)
        await journal.close()
    }

    @Test func `says why it cannot be opened`() async throws {
        let bench = try await PostgresBench.make()
        let wrong = bench.settings(password: "wrong")
        let findings = await JournalInspection.findings(wrong)
        #expect(findings.map(\.severity) == [.problem])
        #expect(findings.first?.text.contains("28P01") == true)
    }

    /// Settings of a user without any right.
    private func ordinary(_ bench: PostgresBench) async throws -> PostgresJournalSettings {
        let user = "user_of_\(bench.schema)"
        _ = try await bench.psql("CREATE ROLE \(user) LOGIN PASSWORD '\(password)'")
        return bench.settings(user: user, password: password)
    }
}
