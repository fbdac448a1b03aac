import Foundation
import RealParts
import StandInParts
import Testing

/// The commands that decide something, on the real program: what each changes, refuses and answers.
@Suite(.serialized, .timeLimit(.minutes(15))) struct `An operator` {
    private static let secret = "orders-database"

    /// An estate whose rotations stop for an approval.
    private func gated() async throws -> Estate {
        let estate = try await Estate.make()
        let user = "\"user:\(estate.rabbit.user)\""
        try estate.writeConfiguration([
            ("grace: 1s", "grace: 1s\n    approval: true"),
            ("request: [\(user)]", "request: [\(user)]\n  approve: [\(user)]"),
        ])
        return estate
    }

    /// Begins a rotation, and returns the digest of its plan once it is asked for.
    private func digestAtGate(_ estate: Estate, _ secret: String) async throws -> String {
        let rotate = try await estate.rekey("rotate", secret)
        #expect(rotate.exit == .code(0), "\(rotate.errors)")
        var shown = ""
        try await eventually(within: .seconds(60), "\(secret) awaits approval") {
            shown = try await estate.rekey("approve", secret).output
            return shown.contains("to approve: rekey approve ")
        }
        return try #require(shown.split(separator: " ").last.map(String.init))
            .trimmingCharacters(in: .newlines)
    }

    @Test func `approves the plan that was shown and no other, and rejects`() async throws {
        let estate = try await gated()
        let worker = try await estate.startWorker()
        let digest = try await digestAtGate(estate, Self.secret)
        let wrong = try await estate.rekey("approve", Self.secret, "--plan", "another")
        expectError(wrong, 1, saying: "the plan is another by now")
        let still = try await estate.rekey("approve", Self.secret)
        #expect(still.output.contains("to approve: "), "\(still.output)")
        expectError(try await estate.rekey("approve", "no-such"), 64, saying: "no open rotation")
        let right = try await estate.rekey("approve", Self.secret, "--plan", digest)
        #expect(right.exit == .code(0), "\(right.errors)")
        #expect(try await estate.end(of: Self.secret) == "closed")
        expectError(try await estate.rekey("approve", Self.secret), 64, saying: "no open rotation")

        _ = try await digestAtGate(estate, Self.secret)
        let reject = try await estate.rekey("reject", Self.secret)
        #expect(reject.exit == .code(0), "\(reject.errors)")
        #expect(try await estate.end(of: Self.secret, count: 2) == "rolledBack")
        expectError(try await estate.rekey("rotate", Self.secret), 1, saying: "deferred")
        #expect(worker.isRunning)
    }

    @Test func `pauses and goes on, adopts, and gives up what then is owed`() async throws {
        let estate = try await gated()
        let worker = try await estate.startWorker()
        let pause = try await estate.rekey("pause", Self.secret)
        #expect(pause.exit == .code(0), "\(pause.errors)")
        #expect(try await estate.status().secrets.contains { $0.state == "paused" })
        expectError(try await estate.rekey("rotate", Self.secret), 1, saying: "paused")
        #expect(try await estate.history(of: Self.secret).isEmpty)
        let unpause = try await estate.rekey("unpause", Self.secret)
        #expect(unpause.exit == .code(0), "\(unpause.errors)")
        #expect(try await !estate.status().secrets.contains { $0.state == "paused" })
        expectError(try await estate.rekey("pause", "nothing"), 1, saying: "nothing was changed")

        let before = try await estate.azure.lastSequence()
        // The worker has adopted it already, by itself.
        let adopt = try await estate.rekey("adopt", "orders-client")
        expectError(adopt, 1, saying: "it is adopted already")
        expectError(try await estate.rekey("adopt", "nothing"), 1, saying: "nothing was changed")
        #expect(try await estate.azure.changes(since: before).writes.isEmpty)
        #expect(try await estate.history(of: "orders-client").isEmpty)

        _ = try await digestAtGate(estate, Self.secret)
        let owed = try await estate.rekey("status")
        #expect(owed.exit == .code(0), "\(owed.errors)")
        let abandon = try await estate.rekey("abandon", Self.secret)
        #expect(abandon.exit == .code(0), "\(abandon.errors)")
        #expect(try await estate.end(of: Self.secret) == "abandoned")
        let after = try await estate.rekey("status")
        #expect(after.output.contains("owed: "), "\(after.output)")
        let account = estate.roles.first
        #expect(after.output.contains("\(account) of \(Self.secret)"), "\(after.output)")
        #expect(worker.isRunning)
    }

    @Test func `verifies the record, and finds the byte that was flipped in it`() async throws {
        let estate = try await Estate.make()
        let worker = try await estate.startWorker()
        let rotate = try await estate.rekey("rotate", Self.secret)
        #expect(rotate.exit == .code(0), "\(rotate.errors)")
        #expect(try await estate.end(of: Self.secret) == "closed")
        let id = try #require(try await estate.history(of: Self.secret).first?.id)
        let export = try await estate.rekey("audit", "export", id)
        #expect(export.exit == .code(0), "\(export.errors)")
        let last = try #require(export.output.split(separator: "\n").last)
        let line = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
        let head = try #require(line?["digest"] as? String)

        let whole = try await estate.rekey("audit", "verify", "--head", "\(id)=\(head)")
        #expect(whole.exit == .code(0), "\(whole.output)\(whole.errors)")
        let foreign = String(head.reversed())
        let other = try await estate.rekey("audit", "verify", "--head", "\(id)=\(foreign)")
        expectError(other, 1, saying: "not in its chain")
        let unknown = try await estate.rekey("audit", "verify", "no-such")
        expectError(unknown, 64, saying: "no rotation no-such")

        worker.terminate()
        try await worker.waitForExit()
        let flipped = try await ChildProcess.run(
            "python3",
            ["-c", Self.flip, estate.journalPath]
        )
        #expect(flipped.succeeded, "\(flipped.errors)")
        let verdict = try await estate.rekey("audit", "verify")
        expectError(verdict, 1, saying: "rotation \(id): ")
    }

    /// Changes one byte in the middle of a record, and nothing else.
    private static let flip = """
        import sqlite3, sys
        journal = sqlite3.connect(sys.argv[1])
        row, event = journal.execute(
            "SELECT number, event FROM events ORDER BY number LIMIT 1 OFFSET 3").fetchone()
        text = isinstance(event, str)
        event = bytearray(event.encode() if text else event)
        event[len(event) // 2] ^= 1
        event = event.decode() if text else bytes(event)
        with journal:
            journal.execute("UPDATE events SET event = ? WHERE number = ?", (event, row))
        """
}
