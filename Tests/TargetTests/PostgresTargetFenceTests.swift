import PostgresParts
import PostgresTarget
import RealParts
import RekeyCore
import RekeyPorts
import RekeyPostgres
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct `A fence in a role's comment` {
    @Test func `lets one of many late writers win, and all agree which`() async throws {
        let roles = try await PostgresRoles.make(.replace)
        let credentials = (0..<8).map { _ in roles.candidate }
        // Each epoch tries at once. Whoever comes after a higher one is refused.
        let refusals = await withTaskGroup { group in
            for (offset, credential) in credentials.enumerated() {
                group.addTask {
                    await failure {
                        let fence = roles.fence(epoch: Int64(offset))
                        try await roles.target.install(credential, fence: fence)
                    }
                }
            }
            return await group.reduce(into: [StepFailure?]()) { $0.append($1) }
        }
        for refusal in refusals.compactMap(\.self) where refusal.kind != .transient {
            #expect(refusal.reason.hasPrefix("fence: "))
        }
        let newest = roles.fence(epoch: 7)
        try await roles.target.install(credentials[7], fence: newest)
        #expect(try await roles.comment(on: roles.accounts[0]).hasSuffix("epoch=17"))
        #expect(try await roles.target.accepts(credentials[7]))
        for credential in credentials.dropLast() {
            #expect(try await roles.target.accepts(credential) == false)
        }
    }

    @Test func `holds a late retire off`() async throws {
        let roles = try await PostgresRoles.make()
        let candidate = roles.candidate
        try await roles.target.install(candidate, fence: roles.fence(epoch: 1))
        let failure = await #expect(throws: StepFailure.self) {
            try await roles.target.retire(roles.accounts[0], fence: roles.fence)
        }
        #expect(failure?.reason.hasPrefix("fence: role \(roles.accounts[1]) was written") == true)
        #expect(try await roles.target.accepts(roles.current))
    }

    @Test func `holds another credential on the same role off`() async throws {
        let roles = try await PostgresRoles.make()
        try await roles.target.install(roles.candidate, fence: roles.fence)
        let other = Fence(
            installation: roles.fence.installation,
            credential: "other",
            sequence: 99,
            epoch: 99
        )
        let failure = await #expect(throws: StepFailure.self) {
            try await roles.target.install(roles.candidate, fence: other)
        }
        #expect(failure?.reason.contains("belongs to credential db ") == true)
        #expect(failure?.reason.contains("COMMENT ON ROLE") == true)
    }

    @Test func `stops at a marker that nobody can read`() async throws {
        let roles = try await PostgresRoles.make()
        let name = PostgresRoles.quoted(roles.accounts[1])
        try await roles.server.psql("COMMENT ON ROLE \(name) IS 'rekey:tests seq=oops'")
        let failure = await #expect(throws: StepFailure.self) {
            try await roles.target.install(roles.candidate, fence: roles.fence)
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.reason.contains("unreadable marker") == true)
    }

    @Test func `is the journal's only where nobody may comment`() async throws {
        // A role that administers itself: PostgreSQL lets it change its password, and no comment.
        let roles = try await PostgresRoles.make(.replace)
        let account = roles.accounts[0]
        let secret = roles.current.secret
        let target = roles.changed {
            $0.administrator = .init(role: account.text) { secret }
        }
        let finding = try #require(try await target.preflight().first)
        #expect(finding.severity == .warning)
        #expect(finding.text.contains("the fence is the journal's only"))

        let candidate = roles.candidate
        try await target.install(candidate, fence: roles.fence)
        #expect(try await target.accepts(candidate))
        #expect(try await roles.comment(on: account).isEmpty)
    }

    @Test func `commits in doubt are unknown until a look settles them`() async throws {
        let server = try await PrivatePostgres.start()
        let roles = try await PostgresRoles.make(on: server) {
            $0.limits = PostgresLimits(lockSeconds: 0.3, callSeconds: 1)
        }
        let candidate = roles.candidate
        // A commit now waits for a standby that does not exist, after it is durable here.
        try await server.psql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await server.psql("SELECT pg_reload_conf()")
        try await eventually("commits wait") {
            try await server.psql("SHOW synchronous_standby_names") == "nobody"
        }
        try await expect(.unknown, "COMMIT: timed out (sent)") {
            try await roles.target.install(candidate, fence: roles.fence)
        }
        // Its lock stands, so that a repeat in haste has to wait.
        try await expect(.transient, "55P03") {
            try await roles.target.install(candidate, fence: roles.fence)
        }
        #expect(try await roles.target.accepts(candidate) == false)

        // The server's own words for it are an error of class 57, which is otherwise transient.
        try await server.psql(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE wait_event = 'SyncRep'
            """
        )
        try await eventually("the look says that it took effect") {
            try await roles.target.accepts(candidate)
        }
        try await roles.target.prove(candidate, like: roles.current.account)
    }

    @Test func `a server that dies within a commit leaves it unknown`() async throws {
        let server = try await PrivatePostgres.start()
        let roles = try await PostgresRoles.make(on: server) {
            $0.limits = PostgresLimits(statementSeconds: 20, callSeconds: 20)
        }
        let candidate = roles.candidate
        try await server.psql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await server.psql("SELECT pg_reload_conf()")
        try await eventually("commits wait") {
            try await server.psql("SHOW synchronous_standby_names") == "nobody"
        }
        async let outcome = failure {
            try await roles.target.install(candidate, fence: roles.fence)
        }
        try await eventually("the commit waits") {
            try await server.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            ) == "1"
        }
        try await server.kill()
        let failure = await outcome
        #expect(failure?.kind == .unknown)
        #expect(failure?.reason == "COMMIT: connection lost (sent)")
        try await expect(.transient, "unreachable") {
            _ = try await roles.target.accepts(candidate)
        }
    }

    private func failure(_ body: @Sendable () async throws -> Void) async -> StepFailure? {
        do {
            try await body()
            return nil
        } catch {
            return error as? StepFailure
        }
    }

    private func expect(
        _ kind: StepFailure.Kind,
        _ words: String,
        _ body: @Sendable () async throws -> Void,
        at place: SourceLocation = #_sourceLocation
    ) async throws {
        let failure = await failure(body)
        #expect(failure?.kind == kind, sourceLocation: place)
        let reason = failure?.reason ?? ""
        #expect(reason.contains(words), "\(reason)", sourceLocation: place)
    }
}
