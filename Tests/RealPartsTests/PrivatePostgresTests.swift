import RealParts
import Testing

@Suite(.timeLimit(.minutes(2))) struct `A private PostgreSQL` {
    @Test func `answers with SCRAM and TLS by its own authority`() async throws {
        let server = try await PrivatePostgres.shared()
        #expect(try await server.psql("SHOW password_encryption") == "scram-sha-256")
        let secured = try await server.psql(
            """
            \\c '\(server.url(tls: true))'
            SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()
            """
        )
        #expect(secured.split(separator: "\n").last == "t")
        let stored = try await server.psql("SELECT rolpassword FROM pg_authid WHERE rolcanlogin")
        #expect(stored.hasPrefix("SCRAM-SHA-256$"))
    }

    @Test func `refuses a wrong password and logs that`() async throws {
        let server = try await PrivatePostgres.shared()
        let url = "postgres://nobody:wrong@\(server.host):\(server.port)/postgres"
        let outcome = try await ChildProcess.run("psql", ["-X", url, "-c", "SELECT 1"])
        #expect(!outcome.succeeded)
        try await eventually("the refusal is logged") {
            server.log.contains("password authentication failed for user \"nobody\"")
        }
    }

    @Test func `logs statements only while told to`() async throws {
        let server = try await PrivatePostgres.start()
        try await server.psql("SELECT 'quiet'")
        try await server.logAllStatements(true)
        try await server.psql("SELECT 'loud'")
        try await server.logAllStatements(false)
        #expect(server.log.contains("SELECT 'loud'"))
        #expect(!server.log.contains("SELECT 'quiet'"))
    }

    @Test func `can be paused, resumed and stopped`() async throws {
        let server = try await PrivatePostgres.start()
        server.pause()
        let query = Task { try await server.psql("SELECT 2") }
        server.resume()
        #expect(try await query.value == "2")
        try await server.stop()
        await #expect(throws: PartFailure.self) { try await server.psql("SELECT 3") }
    }

    @Test func `names the statement's failure`() async throws {
        let server = try await PrivatePostgres.shared()
        let failure = await #expect(throws: PartFailure.self) {
            try await server.psql("SELECT nothing_like_it")
        }
        #expect(try #require(failure).description.contains("nothing_like_it"))
    }
}
