import Foundation
import GRDB
import PortConformance
import RekeyCore
import RekeyPorts
import SQLiteJournal
import Testing

@Suite struct `The file of a SQLite journal` {
    private let folder: JournalFolder
    private let clock = SetClock()

    init() throws { folder = try JournalFolder() }

    private func open() throws(JournalFailure) -> SQLiteJournal {
        try SQLiteJournal.open(path: folder.journal, clock: clock)
    }

    @Test func `is held by one at a time`() async throws {
        let first = try open()
        let failure = #expect(throws: JournalFailure.self) { try open() }
        guard case .held(let what) = try #require(failure) else {
            Issue.record("not held, but \(failure?.description ?? "nothing")")
            return
        }
        #expect(what.contains(folder.journal))
        #expect(what.contains("stop it"))
        try await first.close()
        try await open().close()
    }

    @Test func `keeps what was committed, and its id`() async throws {
        let first = try open()
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        try await first.commit([.append(event, state: state)], under: nil)
        let id = first.id
        try await first.close()
        let second = try open()
        #expect(second.id == id)
        #expect(UUID(uuidString: id) != nil)
        #expect(try await second.reader.rotation("r1") == state)
        #expect(try await second.reader.history(of: "r1").map(\.event) == [event])
        try await second.close()
    }

    @Test func `voids old claims when it is opened, and their epochs go on`() async throws {
        let first = try open()
        let old = try #require(await first.claim("r1", for: "w1", seconds: 600))
        try await first.close()
        let second = try open()
        await #expect(throws: JournalFailure.self) { try await second.commit([], under: old) }
        let new = try #require(await second.claim("r1", for: "w2", seconds: 600))
        #expect(new.epoch > old.epoch)
        try await second.close()
    }

    @Test func `refuses work after it was closed`() async throws {
        let journal = try open()
        try await journal.close()
        await #expect(throws: JournalFailure.unavailable("\(folder.journal) was closed")) {
            try await journal.commit([.sent(["e"])], under: nil)
        }
    }

    @Test func `is refused when a newer Rekey made it unfit for this one`() async throws {
        try await open().close()
        try change("PRAGMA user_version = 99")
        try change("UPDATE journal SET value = '99' WHERE name = 'oldest'")
        #expect(throws: JournalFailure.newerSchema(found: 99, known: 2)) { try open() }
        #expect(throws: JournalFailure.newerSchema(found: 99, known: 2)) {
            try SQLiteJournalReader.open(path: folder.journal, clock: clock)
        }
    }

    // Whoever puts the older Rekey back must not be left without a journal.
    @Test func `is gone on with when a newer Rekey left it fit for this one`() async throws {
        try await open().close()
        try change("PRAGMA user_version = 99; CREATE TABLE newer (x)")
        let journal = try open()
        let row = Sample.row("e1", at: clock.now)
        try await journal.commit([.enqueue(row)], under: nil)
        let reader = try SQLiteJournalReader.open(path: folder.journal, clock: clock)
        #expect(try await reader.outbox(limit: 9) == [row])
        try await journal.close()
    }

    @Test func `is refused when it is another program's database`() throws {
        try change("CREATE TABLE theirs (x)")
        let before = try folder.bytes(of: "journal.sqlite")
        expectDamaged(naming: "not a journal")
        #expect(try folder.bytes(of: "journal.sqlite") == before)
    }

    @Test func `is refused when it is no database`() throws {
        let text = Data("a shopping list, long enough to be looked at as a database".utf8)
        try text.write(to: URL(fileURLWithPath: folder.journal))
        expectDamaged(naming: "SQLITE_NOTADB")
    }

    @Test func `is readable by its owner only`() async throws {
        let journal = try open()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(name))
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
        }
        try await journal.close()
    }

    @Test func `needs its folder`() {
        let path = folder.file("none/journal.sqlite")
        #expect {
            try SQLiteJournal.open(path: path, clock: clock)
        } throws: { error in
            guard case JournalFailure.unavailable(let what) = error else { return false }
            return what.contains(path)
        }
    }

    @Test func `keeps no body of what was handled and sent`() async throws {
        let journal = try open()
        let marker = Array("a-body-that-has-to-go".utf8)
        let entry = InboxEntry(
            id: InboxEntry.ID(lane: "stage", event: "e1"),
            type: .candidateStaged,
            rotation: nil,
            body: marker,
            receivedAt: clock.now
        )
        let row = OutboxRow(
            event: "o1",
            type: .candidateStaged,
            rotation: nil,
            body: marker,
            mustArrive: true,
            createdAt: clock.now
        )
        _ = try await journal.receive([entry])
        try await journal.commit([.enqueue(row)], under: nil)
        try await journal.commit([.handled(entry.id), .sent(["o1"])], under: nil)
        try await journal.close()
        for name in ["journal.sqlite", "journal.sqlite-wal"] {
            #expect(try folder.bytes(of: name).range(of: Data(marker)) == nil, "\(name)")
        }
    }

    private func expectDamaged(naming text: String) {
        #expect {
            try open()
        } throws: { error in
            guard case JournalFailure.damaged(let what) = error else { return false }
            return what.contains(text) && what.contains(folder.journal)
        }
    }

    private func change(_ sql: String) throws {
        try DatabaseQueue(path: folder.journal).write { try $0.execute(sql: sql) }
    }
}
