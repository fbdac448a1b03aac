import Foundation
import RealParts
import RekeyCore
import Testing

@testable import RekeyPostgres

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

    @Test(arguments: ["close()", "setsockopt(SOL_SOCKET, SO_LINGER, pack('ii', 1, 0))"])
    func `that is cut in the handshake may be made later`(cut: String) async throws {
        let script = """
            import sys; from socket import *; from struct import pack
            s = create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)
            c, _ = s.accept(); c.recv(8); c.sendall(b'S'); c.recv(1); c.\(cut); c.close()
            sys.stdin.read()
            """
        let server = try ChildProcess("python3", ["-c", script])
        try await eventually("it listens") { !server.output.isEmpty }
        let line = server.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let settings = PostgresSettings(
            host: "127.0.0.1",
            port: try #require(Int(line)),
            database: "postgres",
            user: "nobody",
            password: Secret(copying: "none".utf8),
            tls: .systemRoots
        )
        let failure = await #expect(throws: PostgresFailure.self) {
            try await PostgresConnection.open(settings)
        }
        #expect(failure?.cause == .unreachable)
        #expect(failure.map { StepFailure($0).kind } == .transient)
        server.kill()
    }

    // A host named after alerts was given up with its first refused connection.
    @Test func `is judged by what went wrong, not by the host's name`() {
        let host = #"connection to server at "alerts.protocol.test" (192.0.2.1), port 1 failed: "#
        #expect(!PostgresHandle.isLasting(host + "Connection refused\n\tIs it running?\n"))
        let unknown = "could not translate host name \"alerts.test\" to address: Name unknown\n"
        #expect(!PostgresHandle.isLasting(unknown))
        #expect(PostgresHandle.isLasting(host + "SSL error: certificate verify failed\n"))
        #expect(PostgresHandle.isLasting(host + "SSL error: tlsv1 alert protocol version\n"))
    }

    @Test func `is not made to a server that speaks no TLS`() async throws {
        let (failure, hasAuthenticated) = try await refusal(of: [("ssl", "off")])
        #expect(failure?.cause == .untrusted)
        #expect(!hasAuthenticated)
    }
}
