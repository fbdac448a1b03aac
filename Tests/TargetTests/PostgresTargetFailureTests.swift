import Foundation
import PostgresParts
import PostgresTarget
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct `A PostgreSQL target in trouble` {
    @Test func `says that the administrator is refused`() async throws {
        let roles = try await PostgresRoles.make()
        let target = roles.changed { $0.administrator.password = { Secret("wrong") } }
        let candidate = roles.candidate
        let failure = await #expect(throws: StepFailure.self) {
            try await target.install(candidate, fence: roles.fence)
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.reason.hasSuffix("PQconnectPoll: 28P01 (connect)") == true)
        let findings = try await target.preflight()
        #expect(findings.map(\.severity) == [.problem])
        #expect(findings.first?.hint != nil)
    }

    @Test func `is transient where nobody listens`() async throws {
        let roles = try await PostgresRoles.make()
        let port = try FreePort.next()
        let target = roles.changed { $0.port = port }
        try await expect(.transient, "unreachable") { _ = try await target.accepts(roles.current) }
        try await expect(.transient, "unreachable") {
            try await target.install(roles.candidate, fence: roles.fence)
        }
    }

    @Test func `trusts no strange authority`() async throws {
        let roles = try await PostgresRoles.make()
        let strange = try await TestCA.make()
        let targets = [
            roles.changed { $0.tls = .verified(rootCertificatePath: strange.certificatePath) },
            roles.changed { $0.tls = .verified(rootCertificatePath: "/nowhere/ca.pem") },
        ]
        for target in targets {
            try await expect(.permanent, "no trusted TLS") {
                _ = try await target.accepts(roles.current)
            }
        }
    }

    @Test func `trusts no certificate of another host`() async throws {
        let server = try await PrivatePostgres.start()
        let roles = try await PostgresRoles.make(on: server)
        let other = try await TestCA.shared().issue("other", names: ["DNS:other.example"])
        // The server's own process writes them, as its user, into its data directory.
        for (path, name) in [(other.certificatePath, "server.crt"), (other.keyPath, "server.key")] {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try await server.psql(
                """
                COPY (SELECT unnest(string_to_array('\(text)', E'\\n'))) TO PROGRAM 'cat > \(name)'
                """
            )
        }
        try await server.psql("SELECT pg_reload_conf()")
        try await eventually("the new certificate is served") {
            do {
                return try await !roles.target.accepts(roles.current)
            } catch {
                return (error as? StepFailure)?.reason.contains("no trusted TLS") == true
            }
        }
        try await expect(.permanent, "no trusted TLS") {
            try await roles.target.install(roles.candidate, fence: roles.fence)
        }
    }

    @Test func `never falls back to a connection without TLS`() async throws {
        let server = try await PrivatePostgres.start()
        let roles = try await PostgresRoles.make(on: server)
        try await server.psql("ALTER SYSTEM SET ssl = off")
        try await server.psql("SELECT pg_reload_conf()")
        try await eventually("TLS is off") { try await server.psql("SHOW ssl") == "off" }
        try await expect(.permanent, "no trusted TLS") {
            _ = try await roles.target.accepts(roles.current)
        }
        let open = roles.changed { $0.tls = .disabled }
        #expect(try await open.accepts(roles.current))
    }

    @Test func `tells a refused password from a role that may not log in`() async throws {
        let roles = try await PostgresRoles.make()
        #expect(try await roles.target.accepts(roles.candidate) == false)
        let wrong = Credential(account: roles.current.account, secret: Secret("wrong"))
        #expect(try await roles.target.accepts(wrong) == false)
        let account = PostgresRoles.quoted(roles.accounts[0])
        try await roles.server.psql("ALTER ROLE \(account) NOLOGIN")
        #expect(try await roles.target.accepts(roles.current) == false)
        try await expect(.permanent, "28000") {
            try await roles.target.prove(roles.current, like: nil)
        }
    }

    @Test func `does not take a closed door for a refused password`() async throws {
        // PostgreSQL answers with the same code where pg_hba.conf lets nobody in.
        let server = try await PrivatePostgres.start()
        let roles = try await PostgresRoles.make(on: server)
        let account = PostgresRoles.quoted(roles.accounts[0])
        try await server.psql(
            """
            COPY (VALUES ('host all \(account) all reject'),
                ('host all all 127.0.0.1/32 scram-sha-256')) TO PROGRAM 'cat > pg_hba.conf'
            """
        )
        try await server.psql("SELECT pg_reload_conf()")
        try await eventually("the door is closed") {
            do {
                return try await !roles.target.accepts(roles.current)
            } catch {
                return true
            }
        }
        try await expect(.permanent, "28000") { _ = try await roles.target.accepts(roles.current) }
    }

    @Test func `throws where a right password cannot get in`() async throws {
        let roles = try await PostgresRoles.make()
        try await roles.server.makeDatabase("closed_\(roles.accounts[0])")
        try await roles.server.psql(
            "REVOKE CONNECT ON DATABASE \"closed_\(roles.accounts[0])\" FROM PUBLIC"
        )
        let target = roles.changed { $0.databasesToProve = ["closed_\(roles.accounts[0])"] }
        try await expect(.permanent, "42501") { try await target.prove(roles.current, like: nil) }
        let nowhere = roles.changed { $0.databasesToProve = ["postgres", "nowhere"] }
        try await expect(.permanent, "3D000") { try await nowhere.prove(roles.current, like: nil) }
    }

    @Test func `names a role that is not there`() async throws {
        let roles = try await PostgresRoles.make()
        try await roles.server.psql(
            "DROP OWNED BY \(roles.accounts[1]); DROP ROLE \(roles.accounts[1])"
        )
        try await expect(.permanent, "role \(roles.accounts[1]): does not exist") {
            try await roles.target.install(roles.candidate, fence: roles.fence)
        }
        #expect(try await roles.target.preflight().contains { $0.severity == .problem })
    }

    @Test func `gives a value up that the password check refuses`() async throws {
        // contrib/passwordcheck refuses less than eight characters, and without a letter or digit.
        let server = try await PrivatePostgres.start()
        let roles = try await PostgresRoles.make(on: server) { $0.verifier = .plaintext }
        try await server.psql("ALTER SYSTEM SET session_preload_libraries = 'passwordcheck'")
        try await server.psql("SELECT pg_reload_conf()")
        try await eventually("the check is loaded") {
            try await server.psql("SHOW session_preload_libraries") == "passwordcheck"
        }
        let weak = Credential(account: roles.accounts[1], secret: Secret("short"))
        try await expect(.refused, "ALTER ROLE: 22023 (answered)") {
            try await roles.target.install(weak, fence: roles.fence)
        }
        #expect(try await roles.target.accepts(weak) == false)
        #expect(try await roles.comment(on: roles.accounts[1]).isEmpty)
        // It wants a letter and something else, which a random value may lack.
        let strong = Credential(
            account: roles.accounts[1],
            secret: Secret(TestPassword.make() + "-7")
        )
        try await roles.target.install(strong, fence: roles.fence)
        #expect(try await roles.target.accepts(strong))
    }

    @Test func `waits for a lock only so long, and has then changed nothing`() async throws {
        let server = try await PrivatePostgres.start()
        let roles = try await PostgresRoles.make(on: server) { $0.limits.lockSeconds = 0.5 }
        let candidate = roles.candidate
        let blocker = try await roles.session(
            Credential(
                account: AccountID(roles.server.user),
                secret: Secret(roles.server.password)
            )
        )
        try await blocker.execute("BEGIN")
        try await blocker.execute("LOCK TABLE pg_authid IN SHARE MODE")
        try await expect(.transient, "ALTER ROLE: 55P03 (answered)") {
            try await roles.target.install(candidate, fence: roles.fence)
        }
        try await blocker.execute("ROLLBACK")
        #expect(try await roles.target.accepts(candidate) == false)
        try await roles.target.install(candidate, fence: roles.fence)
        #expect(try await roles.target.accepts(candidate))
    }

    @Test func `is transient while the server stands still before the commit`() async throws {
        let server = try await PrivatePostgres.start()
        let roles = try await PostgresRoles.make(on: server) {
            $0.limits = PostgresLimits(connectSeconds: 1, callSeconds: 1)
        }
        server.pause()
        try await expect(.transient, "timed out") {
            try await roles.target.install(roles.candidate, fence: roles.fence)
        }
        server.resume()
        #expect(try await roles.target.accepts(roles.current))
    }

    private func expect(
        _ kind: StepFailure.Kind,
        _ words: String,
        _ body: () async throws -> Void,
        at place: SourceLocation = #_sourceLocation
    ) async throws {
        let failure = await #expect(throws: StepFailure.self, sourceLocation: place) {
            try await body()
        }
        #expect(failure?.kind == kind, sourceLocation: place)
        let reason = failure?.reason ?? ""
        #expect(reason.contains(words), "\(reason)", sourceLocation: place)
    }
}
