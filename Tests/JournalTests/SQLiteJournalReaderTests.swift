import Foundation
import GRDB
import JournalRecords
import PortConformance
import RekeyCore
import RekeyPorts
import Testing

@testable import SQLiteJournal

@Suite struct `A reader of a SQLite journal` {
    private let folder: JournalFolder
    private let clock = SetClock()

    init() throws { folder = try JournalFolder() }

    @Test func `sees each commit of the worker, and changes no byte`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        try await journal.commit([.append(event, state: state)], under: nil)
        let before = try contents()
        let reader = try SQLiteJournalReader.open(path: folder.journal, clock: clock)
        #expect(reader.id == journal.id)
        #expect(try await reader.rotation("r1") == state)
        try await readEverything(from: reader)
        #expect(try contents() == before)

        let (event2, state2) = Sample.event(after: state, at: clock.now)
        try await journal.commit([.append(event2, state: state2)], under: nil)
        #expect(try await reader.rotation("r1") == state2)
        try reader.close()
        try await journal.close()
    }

    @Test func `reads a journal that nobody has open, and changes no byte`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        try await journal.commit([.append(event, state: state)], under: nil)
        try await journal.close()
        let before = try contents()
        let reader = try SQLiteJournalReader.open(path: folder.journal, clock: clock)
        #expect(try await reader.rotation("r1") == state)
        try await readEverything(from: reader)
        try reader.close()
        #expect(try contents() == before)
    }

    @Test func `reads what a killed worker left in the log`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        try await journal.commit([.append(event, state: state)], under: nil)
        let copy = try JournalFolder()
        for name in ["journal.sqlite", "journal.sqlite-wal"] {
            try FileManager.default.copyItem(atPath: folder.file(name), toPath: copy.file(name))
        }
        try await journal.close()
        let before = try copy.bytes(of: "journal.sqlite")
        let reader = try SQLiteJournalReader.open(path: copy.journal, clock: clock)
        #expect(try await reader.rotation("r1") == state)
        try reader.close()
        #expect(try copy.bytes(of: "journal.sqlite") == before)
    }

    // Rows that somebody wrote by hand ended the worker's process.
    @Test func `takes rows that do not go together for damage`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        for (id, event) in Sample.misfits(at: clock.now) {
            let (first, state) = try Sample.accepted(id, at: clock.now)
            let (_, next) = Sample.event(after: state, at: clock.now)
            try await journal.commit(
                [.append(first, state: state), .append(event, state: next)],
                under: nil
            )
            let reader = try SQLiteJournalReader.open(path: folder.journal, clock: clock)
            await #expect(throws: damage) { _ = try await reader.rotation(id) }
            try reader.close()
        }
        try await journal.close()
        var (_, state) = try Sample.accepted("r0", at: clock.now)
        state.fold(.intended(.startHook(0), at: clock.now, deadline: clock.now))
        let bytes = try JournalCoding.encode(state)
        #expect(try Rotation(row: bytes) == state)
        for (old, new) in [
            ("\"pass\":1,\"passes\"", "\"pass\":2,\"passes\""),
            ("\"startHook\":{\"_0\":0}", "\"startHook\":{\"_0\":1}"),
            ("\"workloads\":[{\"evidence\":", "\"workloads\":[],\"more\":[{\"evidence\":"),
        ] {
            let text = String(decoding: bytes, as: UTF8.self)
            let changed = text.replacing(old, with: new)
            #expect(changed != text)
            #expect(throws: DecodingError.self) { _ = try Rotation(row: Data(changed.utf8)) }
        }
    }

    private var damage: JournalFailure {
        .damaged("\(folder.journal): a record does not decode")
    }

    @Test func `does not let a worker hold it up, or hold one up`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let reader = try SQLiteJournalReader.open(path: folder.journal, clock: clock)
        try await withThrowingTaskGroup { group in
            for index in 0..<50 {
                group.addTask {
                    let row = Sample.row(EventID("o\(index)"), at: clock.now)
                    try await journal.commit([.enqueue(row)], under: nil)
                }
                group.addTask { _ = try await reader.counts() }
            }
            try await group.waitForAll()
        }
        #expect(try await reader.outbox(limit: 99).count == 50)
        try reader.close()
        try await journal.close()
    }

    @Test func `knows the claims only where they are made`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let (event, state) = try Sample.accepted("r1", at: clock.now)
        try await journal.commit([.append(event, state: state)], under: nil)
        let claim = try #require(await journal.claim("r1", for: "w1", seconds: 600))
        let reader = try SQLiteJournalReader.open(path: folder.journal, clock: clock)
        #expect(try await journal.reader.sleepers(limit: 9).isEmpty)
        #expect(try await reader.sleepers(limit: 9) == ["r1"])
        try await journal.release(claim)
        #expect(try await journal.reader.sleepers(limit: 9) == ["r1"])
        try reader.close()
        try await journal.close()
    }

    @Test func `folds the events after what is written out`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let reader = try SQLiteJournalReader.open(path: folder.journal, clock: clock)
        var (event, state) = try Sample.accepted("r1", at: clock.now)
        try await journal.commit([.append(event, state: state)], under: nil)
        for number in 2...(PreparedWrite.snapshotSpan + 3) {
            event = .madeUrgent(by: "person \(number)", at: clock.now)
            state.fold(event)
            try await journal.commit([.append(event, state: state)], under: nil)
            #expect(try await reader.rotation("r1") == state)
        }
        #expect(try await reader.rotations(RotationQuery()) == [state])
        #expect(try await journal.reader.rotation("r1") == state)
        try reader.close()
        try await journal.close()
    }

    @Test func `says where there is no journal`() {
        #expect {
            try SQLiteJournalReader.open(path: folder.journal, clock: clock)
        } throws: { error in
            guard case JournalFailure.unavailable(let what) = error else { return false }
            return what.contains(folder.journal)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.journal))
    }

    private func readEverything(from reader: SQLiteJournalReader) async throws {
        _ = try await reader.rotations(RotationQuery(credential: "db", openOnly: true))
        _ = try await reader.history(of: "r1")
        _ = try await reader.inbox(limit: 9)
        _ = try await reader.outbox(limit: 9)
        _ = try await reader.timers(dueAt: clock.now, limit: 9)
        _ = try await reader.nextTimer()
        _ = try await reader.credentials()
        _ = try await reader.debts(unpaidOnly: true)
        _ = try await reader.sleepers(limit: 9)
        _ = try await reader.counts()
        _ = try await reader.rotationIDs()
    }

    private func contents() throws -> [Data] {
        try ["journal.sqlite", "journal.sqlite-wal"].map { try folder.bytes(of: $0) }
    }
}
