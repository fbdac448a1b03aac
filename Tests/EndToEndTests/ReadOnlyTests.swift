import Foundation
import RealParts
import RekeyPlatform
import StandInParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `plan and check` {
    @Test func `write nothing anywhere, and need no right to`() async throws {
        let postgres = try await PrivatePostgres.start()
        // Their counters and logs are of everybody, so nobody else may use them.
        let rabbit = try await PrivateRabbitMQ.start()
        let estate = try await Estate.make(Estate.Options(broker: rabbit, postgres: postgres))
        let worker = try await estate.startWorker()
        try await estate.settles()
        worker.terminate()
        #expect(try await worker.waitForExit() == .code(0))
        try await postgres.logAllStatements(true)

        let before = try await Snapshot(estate)
        let plan = try await estate.rekey("plan")
        let check = try await estate.rekey("check")
        #expect(plan.exit == .code(0), "\(plan.output)\(plan.errors)")
        #expect(check.exit == .code(0), "\(check.output)\(check.errors)")
        let after = try await Snapshot(estate)
        #expect(after.journal == before.journal)
        #expect(after.queues == before.queues)
        #expect(after.published == before.published)
        let requests = try await estate.azure.changes(since: before.sequence)
        #expect(!requests.isEmpty)
        #expect(requests.writes.isEmpty)
        let statements = after.statements.dropFirst(before.statements.count)
        #expect(!statements.isEmpty)
        #expect(statements.allSatisfy(Snapshot.onlyReads), "\(Array(statements))")

        try await withdrawWrites(estate)
        let planAgain = try await estate.rekey("plan")
        #expect(planAgain.output == plan.output)
        #expect(planAgain.errors == plan.errors)
        let checkAgain = try await estate.rekey("check")
        #expect(checkAgain.output == check.output)
        try await restoreWrites(estate)

        // The same logs catch what writes.
        let second = try await estate.startWorker()
        let rotate = try await estate.rekey("rotate", "orders-database", "--wait")
        #expect(rotate.exit == .code(0), "\(rotate.output)\(rotate.errors)")
        let caught = try await Snapshot(estate)
        #expect(caught.journal != after.journal)
        #expect(caught.published != after.published)
        #expect(try await !estate.azure.changes(since: after.sequence).writes.isEmpty)
        let written = caught.statements.dropFirst(after.statements.count)
        #expect(!written.allSatisfy(Snapshot.onlyReads))
        #expect(second.isRunning)
    }

    private func withdrawWrites(_ estate: Estate) async throws {
        for api in ["keyvault", "graph"] {
            try await estate.azure.control(
                .post,
                "/permissions/withdraw",
                ["principal": "rekey", "api": api]
            )
        }
        try await estate.rabbit.setPermissions(
            estate.rabbit.user,
            virtualHost: estate.virtualHost,
            configure: "",
            write: ""
        )
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o400],
            ofItemAtPath: estate.journalPath
        )
    }

    private func restoreWrites(_ estate: Estate) async throws {
        for api in ["keyvault", "graph"] {
            try await estate.azure.control(
                .post,
                "/permissions/restore",
                ["principal": "rekey", "api": api]
            )
        }
        try await estate.rabbit.setPermissions(estate.rabbit.user, virtualHost: estate.virtualHost)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600],
            ofItemAtPath: estate.journalPath
        )
    }
}

/// Everything that somebody who writes would change.
struct Snapshot: Sendable {
    let sequence: Int
    let journal: [String: Data]
    let queues: [String: Int]
    /// What the broker counts of messages that were ever published.
    let published: String
    /// What Rekey's own user said to PostgreSQL, without our superuser's.
    let statements: [String]

    init(_ estate: Estate) async throws {
        sequence = try await estate.azure.lastSequence()
        var files: [String: Data] = [:]
        for name in ["journal.db", "journal.db-wal"] {
            files[name] = FileManager.default.contents(atPath: estate.folder.file(name))
        }
        journal = files
        queues = try await estate.rabbit.listQueues(estate.virtualHost).mapValues(\.messages)
        published = try await estate.rabbit.evaluate(
            "[maps:get(messages_received_total, Counts, 0) "
                + "|| Counts <- maps:values(rabbit_global_counters:overview())]"
        )
        statements = estate.postgres.log.split(separator: "\n").map(String.init).filter {
            ($0.contains("statement: ") || $0.contains("execute "))
                && $0.contains("rekey_\(estate.number)")
        }
    }

    static func onlyReads(_ line: String) -> Bool {
        let text = line.split(separator: ": ").last.map(String.init) ?? line
        let words = ["SELECT", "SHOW", "SET", "BEGIN", "COMMIT", "ROLLBACK"]
        return words.contains { text.uppercased().hasPrefix($0) }
    }
}
