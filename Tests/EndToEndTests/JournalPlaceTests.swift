import Foundation
import RealParts
import Testing

/// What is wrong with a journal in PostgreSQL, each told apart by its error and hint.
@Suite(.serialized, .timeLimit(.minutes(15))) struct `A journal at the wrong place` {
    @Test func `is told of in one line and a hint`() async throws {
        let estate = try await Estate.make()
        try await estate.shareJournal(streaming: 0)
        let text = try String(contentsOfFile: estate.configurationPath, encoding: .utf8)
        func file(_ old: String, _ new: String, _ name: String) throws -> String {
            #expect(text.contains(old))
            return try estate.folder.write(text.replacing(old, with: new), to: name)
        }

        let none = try await estate.rekey("status")
        expectError(none, 69, saying: "there is no journal", "start a worker first")
        let password = estate.folder.file("journal")
        try estate.folder.write("wrong", to: "wrong-journal")
        let wrong = try file("file:\(password)", "file:\(password).none", "missing.yaml")
        let missing = try await estate.rekey("worker", config: wrong)
        expectError(missing, 69, saying: "cannot be opened", "journal.postgres.password")
        let other = estate.folder.file("wrong-journal")
        let refused = try await estate.rekey(
            "worker",
            config: try file("file:\(password)", "file:\(other)", "password.yaml")
        )
        expectError(refused, 69, saying: "28P01", "the password that `journal.postgres.password`")
        let database = "database: \(estate.journalName)"
        let absent = try await estate.rekey(
            "worker",
            config: try file(database, "database: nowhere", "database.yaml")
        )
        expectError(absent, 69, saying: "3D000", "no such database")
        let place = "port: \(estate.postgres.port), \(database)"
        let away = try await estate.rekey(
            "worker",
            config: try file(place, "port: \(try FreePort.next()), \(database)", "away.yaml")
        )
        expectError(away, 69, saying: "unreachable", "is it up")
        let found = "SELECT count(*) FROM pg_namespace WHERE nspname = 'rekey'"
        let made = try await estate.postgres.psql(found, database: estate.journalName)
        #expect(made == "0")
    }

    @Test func `of a newer rekey is left alone`() async throws {
        let estate = try await Estate.make()
        try await estate.shareJournal(streaming: 0)
        let worker = try estate.startReplica()
        try await eventually("the journal is made") { try await estate.progress().isQuiet }
        worker.terminate()
        #expect(try await worker.waitForExit() == .code(0))
        _ = try await estate.journal(
            "UPDATE journal SET value = '99' WHERE name IN ('format', 'oldest')"
        )
        for command in ["worker", "status"] {
            let newer = try await estate.rekey(command)
            expectError(newer, 1, saying: "99 is newer", "install the newer rekey")
        }
    }
}
