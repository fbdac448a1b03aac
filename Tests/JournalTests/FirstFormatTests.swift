import Foundation
import GRDB
import Glibc
import JournalRecords
import PortConformance
import RekeyCore
import RekeyPorts
import Testing

@testable import SQLiteJournal

@Suite struct `What a journal of the first format holds` {
    @Test func `is read, and means the same written again`() throws {
        let events = try FirstFormat.rotations().flatMap(\.events) + FirstFormat.rareEvents()
        for text in events {
            let event = try JournalCoding.decode(RotationEvent.self, from: Data(text.utf8))
            let bytes = try JournalCoding.encode(event)
            #expect(try JournalCoding.decode(RotationEvent.self, from: bytes) == event)
            // A plan's generator holds a set, whose order was any then.
            if case .accepted = event { continue }
            #expect(String(decoding: bytes, as: UTF8.self) == text)
        }
        // Every kind that there was then.
        let kinds = Set(events.map { $0.dropFirst(2).prefix { $0 != "\"" } })
        #expect(kinds.count == 15)
        let strategies = try FirstFormat.rotations().map { try $0.state(after: 1).plan.strategy }
        #expect(Set(strategies) == Set(Strategy.allCases))
    }

    @Test func `is there after it was brought up to date, in the midst of any step`() async throws {
        let folder = try JournalFolder()
        let cuts = try FirstFormat.cuts()
        #expect(cuts.count > 50)
        for (number, cut) in cuts.enumerated() {
            let path = folder.file("journal-\(number)")
            try cut.kept.writeSQLite(to: path, after: cut.count)
            let journal = try SQLiteJournal.open(path: path, clock: SetClock())
            let checks = FirstFormatChecks(
                kept: cut.kept,
                count: cut.count,
                journal: journal,
                reader: journal.reader
            )
            try await checks.run()
            try await journal.close()
            #expect(try version(of: path) == JournalSchema.known)
        }
    }

    @Test func `outlives a process that is killed before its migration is committed`() async throws
    {
        let folder = try JournalFolder()
        let kept = try #require(try FirstFormat.rotations().first)
        try kept.writeSQLite(to: folder.journal, after: 20)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.journal as String] in
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { database in
                try JournalSchema.migrate(database, at: path) { _ in kill(getpid(), SIGKILL) }
            }
        }
        #expect(try version(of: folder.journal) == 1)
        #expect(try columns(of: folder.journal).contains("inbox replayed_by TEXT") == false)
        let journal = try SQLiteJournal.open(path: folder.journal, clock: SetClock())
        let checks = FirstFormatChecks(
            kept: kept,
            count: 20,
            journal: journal,
            reader: journal.reader
        )
        try await checks.run()
        try await journal.close()
        #expect(try JournalCheck(of: folder.journal).integrity == "ok")
    }

    @Test func `comes to the same tables as a new journal has`() async throws {
        let folder = try JournalFolder()
        let kept = try #require(try FirstFormat.rotations().first)
        try kept.writeSQLite(to: folder.journal, after: 1)
        for path in [folder.journal, folder.file("new")] {
            try await SQLiteJournal.open(path: path, clock: SetClock()).close()
        }
        #expect(try columns(of: folder.journal) == columns(of: folder.file("new")))
    }

    private func version(of path: String) throws -> Int? {
        try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    }

    private func columns(of path: String) throws -> [String] {
        try DatabaseQueue(path: path).read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT m.name || ' ' || c.name || ' ' || c.type FROM sqlite_master AS m
                    JOIN pragma_table_info(m.name) AS c ORDER BY m.name, c.cid
                    """
            )
        }
    }
}
