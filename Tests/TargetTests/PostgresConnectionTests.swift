import Foundation
import RealParts
import RekeyCore
import RekeyPostgres
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct `A PostgreSQL connection` {
    @Test func `brings parameters over as they are`() async throws {
        let connection = try await open()
        let text = "a\"b\\c{d},'e' 🔑"
        let rows = try await connection.query(
            """
            SELECT $1::text, $2::bigint, $3::float8, $4::boolean, encode($5::bytea, 'hex'),
                $6::text, array_to_string($7::text[], '|')
            """,
            [
                .text(text), .integer(-7), .real(2.5), .boolean(true), .bytes([0, 1, 255]), .null,
                .texts([text, "", "null"]),
            ]
        )
        #expect(rows == [[text, "-7", "2.5", "t", "0001ff", nil, "\(text)||null"]])
        await #expect(throws: PostgresFailure("SELECT", .beforeSend, .unusable("text with a null")))
        {
            try await connection.query("SELECT $1::text", [.text("a\0b")])
        }
        #expect(try await connection.query("SELECT 1") == [["1"]])
    }

    @Test func `commits all or nothing`() async throws {
        let connection = try await open()
        try await connection.execute("CREATE TEMPORARY TABLE t (n int UNIQUE)")
        let count = try await connection.transaction { (own) throws(PostgresFailure) in
            try own.execute("INSERT INTO t VALUES (1), (2)")
        }
        #expect(count == 2)
        let failure = await #expect(throws: PostgresFailure.self) {
            try await connection.transaction { (own) throws(PostgresFailure) in
                try own.execute("INSERT INTO t VALUES (3)")
                try own.execute("INSERT INTO t VALUES (1)")
            }
        }
        #expect(failure?.description == "INSERT INTO: 23505 (answered) constraint t_n_key")
        #expect(failure?.severity == "ERROR")
        #expect(try await connection.query("SELECT n FROM t ORDER BY n") == [["1"], ["2"]])
    }

    @Test func `does not take a rollback for a commit`() async throws {
        // PostgreSQL answers COMMIT of a failed transaction with the tag ROLLBACK and no error.
        let connection = try await open()
        let failure = await #expect(throws: PostgresFailure.self) {
            try await connection.transaction { (own) throws(PostgresFailure) in
                do throws(PostgresFailure) { try own.execute("SELECT 1/0") } catch {}
            }
        }
        #expect(failure?.description == "COMMIT: 25P02 (answered)")
    }

    @Test func `undoes an attempt that may fail, and goes on`() async throws {
        let connection = try await open()
        let outcomes = try await connection.transaction { (own) throws(PostgresFailure) in
            let isDivision = { (failure: PostgresFailure) in failure.sqlState == "22012" }
            let first = try own.attempt(unless: isDivision) { (own) throws(PostgresFailure) in
                try own.execute("SELECT 1/0")
            }
            let second = try own.attempt(unless: isDivision) { (own) throws(PostgresFailure) in
                try own.execute("SELECT 1")
            }
            return [first, second]
        }
        #expect(outcomes == [false, true])
    }

    @Test func `ends at once when its task is cancelled`() async throws {
        let connection = try await open()
        let watcher = try await open()
        let sleeping = Task {
            try await connection.perform { (own) throws(PostgresFailure) in
                _ = try own.query("SELECT pg_sleep(600) AS cancelled_by_test")
            }
        }
        let sleepers = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%cancelled_by' || '_test'"
        try await eventually("it sleeps") { try await !watcher.query(sleepers).isEmpty }
        sleeping.cancel()
        let failure = await #expect(throws: PostgresFailure.self) { try await sleeping.value }
        #expect(failure == PostgresFailure("SELECT", .sent, .cancelled))
        #expect(await !connection.isOpen)
        await #expect(throws: PostgresFailure("SELECT", .beforeSend, .connectionLost)) {
            try await connection.query("SELECT 1")
        }
    }

    @Test func `lets the server give a statement up by itself`() async throws {
        let connection = try await open { $0.limits.statementSeconds = 0.1 }
        await #expect(
            throws: PostgresFailure("SELECT", .answered, .sqlState("57014"), severity: "ERROR")
        ) {
            try await connection.query("SELECT pg_sleep(600)")
        }
        #expect(try await connection.query("SELECT 1") == [["1"]])
    }

    @Test func `knows that a transaction without its commit has changed nothing`() async throws {
        let connection = try await open()
        let other = try await open()
        let failure = await #expect(throws: PostgresFailure.self) {
            let pid = try await connection.query("SELECT pg_backend_pid()")[0][0] ?? ""
            try await connection.transaction { (own) throws(PostgresFailure) in
                _ = try own.query("SELECT pg_terminate_backend($1::int)", [.text(pid)])
                _ = try own.query("SELECT 1")
            }
        }
        #expect(failure?.phase == .uncommitted)
        #expect(failure.map { StepFailure($0).kind } == .transient)
        #expect(try await other.query("SELECT 1") == [["1"]])
    }

    @Test func `takes nothing from a password file or an empty password`() async throws {
        for secret in ["", "a\0b"] {
            let failure = await #expect(throws: PostgresFailure.self) {
                _ = try await open { $0.password = Secret(secret) }
            }
            #expect(failure?.phase == .beforeSend)
        }
        let failure = await #expect(throws: PostgresFailure.self) {
            _ = try await open { $0.host = "/var/run/postgresql" }
        }
        #expect(failure?.cause == .unusable("host"))
    }

    @Test(
        arguments: [
            ("08006", .transient), ("40001", .transient), ("53300", .transient),
            ("57P03", .transient), ("57014", .transient), ("55P03", .transient),
            ("XX000", .transient), ("28P01", .permanent), ("42501", .permanent),
            ("42704", .permanent), ("3D000", .permanent), ("22023", .refused),
            ("P0001", .refused), ("28000", .permanent),
        ] as [(String, StepFailure.Kind)]
    )
    func `sorts what the server answers`(code: String, kind: StepFailure.Kind) {
        let failure = PostgresFailure("ALTER ROLE", .answered, .sqlState(code))
        #expect(StepFailure(failure, refusals: ["22023", "P0"]).kind == kind)
        let lost = PostgresFailure("COMMIT", .sent, .sqlState(code))
        #expect(StepFailure(lost).kind == .unknown)
        #expect(StepFailure(lost, onlyReads: true).kind != .unknown)
    }

    private func open(
        change: (inout PostgresSettings) -> Void = { _ in }
    ) async throws -> PostgresConnection {
        let server = try await PrivatePostgres.shared()
        var settings = PostgresSettings(
            host: server.tlsHost,
            port: server.port,
            database: "postgres",
            user: server.user,
            password: Secret(server.password),
            tls: .verified(rootCertificatePath: server.caPath),
            limits: PostgresLimits(connectSeconds: 20, statementSeconds: 25, callSeconds: 30)
        )
        change(&settings)
        return try await PostgresConnection.open(settings)
    }
}
