import PostgresParts
import PostgresTarget
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct `Two roles that are to be alike` {
    /// What is done to the second account, and the words in which it is named.
    private static let changes: [(sql: String, words: String)] = [
        ("GRANT pg_read_all_data TO $b", "$a lacks membership in pg_read_all_data"),
        ("REVOKE $owner FROM $b", "$b acts as $b in postgres, not as $owner"),
        ("ALTER ROLE $b SET work_mem = '8MB'", "$a lacks setting work_mem"),
        ("ALTER ROLE $b CREATEDB", "$a lacks attribute CREATEDB"),
        ("ALTER ROLE $b CONNECTION LIMIT 3", "$a lacks attribute CONNECTION LIMIT 3"),
        ("GRANT SELECT ON pg_authid TO $b", "$a lacks SELECT on relation pg_authid"),
        ("GRANT SELECT (rolname) ON pg_authid TO $b", "SELECT on column pg_authid.rolname"),
        ("GRANT CREATE ON SCHEMA public TO $b", "$a lacks CREATE on schema public"),
        ("GRANT EXECUTE ON FUNCTION pg_reload_conf() TO $b", "on function pg_reload_conf()"),
        ("GRANT TEMPORARY ON DATABASE postgres TO $b", "TEMPORARY on database postgres"),
        (
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO $b",
            "$a lacks SELECT on defaults of postgres for r"
        ),
    ]

    @Test(arguments: changes)
    func `are told apart by name`(change: (sql: String, words: String)) async throws {
        let roles = try await PostgresRoles.make()
        let fill = { (text: String) in
            text.replacing("$a", with: roles.accounts[0].text)
                .replacing("$b", with: roles.accounts[1].text)
                .replacing("$owner", with: roles.target.settings.ownerRole ?? "")
        }
        let candidate = roles.candidate
        try await roles.target.install(candidate, fence: roles.fence)
        try await roles.target.prove(candidate, like: roles.current.account)
        #expect(try await roles.target.preflight().isEmpty)

        try await roles.server.psql(fill(change.sql))
        let failure = await #expect(throws: StepFailure.self) {
            try await roles.target.prove(candidate, like: roles.current.account)
        }
        #expect(failure?.kind == .permanent)
        let reason = failure?.reason ?? ""
        #expect(reason.contains(fill(change.words)), "\(reason)")
        #expect(try await roles.target.preflight().contains { $0.severity == .problem })
    }

    @Test func `act as one owner, whichever signs in`() async throws {
        let roles = try await PostgresRoles.make()
        let owner = try #require(roles.target.settings.ownerRole)
        let session = try await roles.session(roles.current)
        #expect(try await session.query("SELECT current_user") == [[owner]])
        await session.close()

        let strict = roles.changed { $0.ownerRole = "postgres" }
        let failure = await #expect(throws: StepFailure.self) {
            try await strict.prove(roles.current, like: nil)
        }
        #expect(failure?.reason.hasSuffix("in postgres, not as postgres") == true)
    }

    @Test func `must own nothing of their own`() async throws {
        let roles = try await PostgresRoles.make()
        let account = PostgresRoles.quoted(roles.accounts[1])
        let table = "mine_\(roles.accounts[1])"
        try await roles.server.psql(
            "CREATE TABLE \(table) (); ALTER TABLE \(table) OWNER TO \(account)"
        )
        let findings = try await roles.target.preflight()
        #expect(findings.contains { $0.text.hasPrefix("owns 1 objects") })
        let missing = roles.changed { $0.accounts[1] = "nobody" }
        let hints = try await missing.preflight().compactMap(\.hint)
        let name = roles.target.settings.name
        #expect(hints.contains("run the SQL that `rekey init --sql \(name)` prints"), "\(hints)")
        try await roles.server.psql(roles.target.initialiseSQL())
        #expect(try await roles.target.preflight().isEmpty)
    }

    @Test func `are found unfit before anything is changed`() async throws {
        let roles = try await PostgresRoles.make()
        let administrator = roles.target.settings.administrator.role
        let account = PostgresRoles.quoted(roles.accounts[1])
        try await roles.server.psql(
            """
            ALTER ROLE \(administrator) NOCREATEROLE;
            ALTER ROLE \(account) VALID UNTIL '2020-01-01'
            """
        )
        let findings = try await roles.target.preflight()
        #expect(findings.count { $0.text.hasSuffix("may not change it") } == 2)
        #expect(findings.contains { $0.severity == .problem && $0.text.contains("passwords end") })
        #expect(findings.allSatisfy { $0.hint != nil })
        let failure = await #expect(throws: StepFailure.self) {
            try await roles.target.install(roles.candidate, fence: roles.fence)
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.reason == "ALTER ROLE: 42501 (answered)")
    }
}
