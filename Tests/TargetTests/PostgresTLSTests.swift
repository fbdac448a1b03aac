import RealParts
import RekeyCore
import RekeyPostgres
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct `A PostgreSQL connection over TLS` {
    /// A server that takes nothing better than what `settings` say.
    private func refusal(of settings: [(String, String)]) async throws -> (PostgresFailure?, Bool) {
        let server = try await PrivatePostgres.start()
        for (name, value) in settings {
            try await server.psql("ALTER SYSTEM SET \(name) = '\(value)'")
        }
        try await server.psql("SELECT pg_reload_conf()")
        let last = try #require(settings.last)
        try await eventually("it is set") { try await server.psql("SHOW \(last.0)") == last.1 }
        let settings = PostgresSettings(
            host: server.tlsHost,
            port: server.port,
            database: "postgres",
            user: server.user,
            password: Secret(copying: server.password.utf8),
            tls: .verified(rootCertificatePath: server.caPath)
        )
        let failure = await #expect(throws: PostgresFailure.self) {
            try await PostgresConnection.open(settings)
        }
        // The password, or what is made of it, is asked for only after the handshake.
        return (failure, server.log.contains("authentication"))
    }

    @Test func `is not made to a server that speaks no TLS 1.2`() async throws {
        let (failure, hasAuthenticated) = try await refusal(of: [
            ("ssl_ciphers", "DEFAULT:@SECLEVEL=0"),
            ("ssl_min_protocol_version", "TLSv1"),
            ("ssl_max_protocol_version", "TLSv1.1"),
        ])
        #expect(failure?.cause == .untrusted)
        #expect(!hasAuthenticated)
    }

    @Test func `is not made to a server that speaks no TLS`() async throws {
        let (failure, hasAuthenticated) = try await refusal(of: [("ssl", "off")])
        #expect(failure?.cause == .untrusted)
        #expect(!hasAuthenticated)
    }
}
