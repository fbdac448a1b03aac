import Foundation
import PortConformance
import PostgresParts
import PostgresTarget
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct `A PostgreSQL target` {
    @Test(arguments: [Strategy.replace, .alternate])
    func `does what every target must`(strategy: Strategy) async throws {
        let roles = try await PostgresRoles.make(strategy)
        let conformance = TargetConformance(
            strategy: strategy,
            target: roles.target,
            current: roles.current,
            fence: roles.fence
        ) { Secret(TestPassword.make()) }
        try await conformance.run()
    }

    @Test func `quotes the names of roles`() async throws {
        let names = ["we\"ird'; DROP ROLE postgres; --", "Übung \\ 2"]
        let roles = try await PostgresRoles.make(names: names)
        let candidate = roles.candidate
        try await roles.target.install(candidate, fence: roles.fence)
        try await roles.target.prove(candidate, like: roles.current.account)
        #expect(try await roles.target.preflight().isEmpty)
    }

    @Test func `takes any value that PostgreSQL takes`() async throws {
        let roles = try await PostgresRoles.make(.replace)
        for text in ["'; SELECT 1; --", "back\\slash", "emoji 🔑 and ü", " spaces "] {
            let credential = Credential(account: roles.accounts[0], secret: Secret(text))
            for verifier in [PostgresTargetSettings.Verifier.scram, .plaintext] {
                let target = roles.changed { $0.verifier = verifier }
                try await target.install(credential, fence: roles.fence)
                #expect(try await target.accepts(credential))
            }
        }
        for text in ["", "null\0inside"] {
            let credential = Credential(account: roles.accounts[0], secret: Secret(text))
            let failure = await #expect(throws: StepFailure.self) {
                try await roles.target.install(credential, fence: roles.fence)
            }
            #expect(failure?.kind == .permanent)
        }
    }

    @Test func `keeps what people wrote into a role's comment`() async throws {
        let roles = try await PostgresRoles.make()
        let candidate = roles.candidate
        let account = roles.accounts[1]
        try await roles.server.psql(
            "COMMENT ON ROLE \(PostgresRoles.quoted(account)) IS E'Ask the orders team.\\nLine 2'"
        )
        try await roles.target.install(candidate, fence: roles.fence)
        let first = try await roles.comment(on: account).split(separator: "\n")
        #expect(first.prefix(2) == ["Ask the orders team.", "Line 2"])
        #expect(first.last?.hasSuffix("%25 seq=5 epoch=10") == true)
        try await roles.target.install(candidate, fence: roles.fence(epoch: 1))
        let second = try await roles.comment(on: account).split(separator: "\n")
        #expect(second.count == 3)
        #expect(second.last?.hasSuffix("%25 seq=5 epoch=11") == true)
    }

    @Test func `does nothing when the same write is repeated`() async throws {
        let roles = try await PostgresRoles.make()
        let candidate = roles.candidate
        try await roles.target.install(candidate, fence: roles.fence)
        let before = try await roles.verifier(of: roles.accounts[1])
        try await roles.target.install(candidate, fence: roles.fence)
        #expect(try await roles.verifier(of: roles.accounts[1]) == before)
        #expect(before.hasPrefix("SCRAM-SHA-256$"))
    }

    @Test func `never lets both accounts go`() async throws {
        let roles = try await PostgresRoles.make()
        let account = try #require(roles.current.account)
        let failure = await #expect(throws: StepFailure.self) {
            try await roles.target.retire(account, fence: roles.fence)
        }
        #expect(failure?.reason == "retire \(account): no other account may log in")
        #expect(try await roles.target.accepts(roles.current))
    }

    @Test func `sees open sessions of the old account`() async throws {
        let roles = try await PostgresRoles.make()
        let account = try #require(roles.current.account)
        #expect(try await roles.target.silence(of: account) == .unused)
        let session = try await roles.session(roles.current)
        #expect(try await roles.target.silence(of: account) == .inUse)
        await session.close()
        try await eventually("the session is gone") {
            try await roles.target.silence(of: account) == .unused
        }
    }

    @Test func `cannot tell who uses a role that is replaced`() async throws {
        let roles = try await PostgresRoles.make(.replace)
        #expect(try await roles.target.silence(of: roles.accounts[0]) == .unobservable)
    }

    @Test func `writes no password to the server's log`() async throws {
        let server = try await PrivatePostgres.start()
        let roles = try await PostgresRoles.make(on: server)
        try await server.logAllStatements(true)
        let marked = "Canary\(TestPassword.make())"
        let candidate = Credential(account: roles.accounts[1], secret: Secret(marked))
        try await roles.target.install(candidate, fence: roles.fence)
        try await roles.target.prove(candidate, like: roles.current.account)
        try await eventually("the statement is in the log") {
            server.log.contains("PASSWORD 'SCRAM-SHA-256$4096:")
        }
        #expect(!server.log.contains(marked))

        let plain = roles.changed { $0.verifier = .plaintext }
        try await plain.install(candidate, fence: roles.fence(epoch: 1))
        try await eventually("and would be without the verifier") { server.log.contains(marked) }
    }

    @Test func `only reads while it looks around`() async throws {
        let server = try await PrivatePostgres.start()
        let roles = try await PostgresRoles.make(on: server)
        try await server.logAllStatements(true)
        let start = server.log.utf8.count
        _ = try await roles.target.preflight()
        _ = try await roles.target.inspect(current: roles.current)
        _ = try await roles.target.silence(of: roles.accounts[0])
        try await roles.target.prove(roles.current, like: roles.accounts[1])
        try await server.psql("SELECT 'the end'")
        try await eventually("the log is whole") { server.log.contains("the end") }
        let lines = server.log.utf8.dropFirst(start).split(separator: UInt8(ascii: "\n"))
        let statements = lines.compactMap { line in
            String(Substring(line)).split(separator: "execute <unnamed>: ").dropFirst().first
        }
        #expect(statements.count > 10)
        for statement in statements {
            #expect(statement.hasPrefix("SELECT") || statement.hasPrefix("SHOW"), "\(statement)")
        }
    }

    @Test func `prints no secret`() async throws {
        let roles = try await PostgresRoles.make(.replace)
        let statement: PostgresStatement = "SELECT \(secret: Secret("marked"))"
        for text in ["\(roles.target)", String(reflecting: roles.target), "\(statement)"] {
            #expect(!text.contains("marked"))
        }
        var dumped = ""
        dump(statement, to: &dumped)
        #expect(!dumped.contains("marked"))
    }
}
