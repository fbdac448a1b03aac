import Foundation
import GRDB
import JournalRecords
import PortConformance
import RekeyCore
import RekeyPorts
import Testing

@testable import SQLiteJournal

@Suite struct `What a writer remembers of rotations` {
    private let folder: JournalFolder
    private let date = SetClock().now

    init() throws { folder = try JournalFolder() }

    /// Appends events one by one, and remembers only as many of them as became durable.
    @Test func `is not believed where they moved on in the same transaction`() async throws {
        let queue = try DatabaseQueue(path: folder.journal)
        try await queue.writeWithoutTransaction { [folder] in
            try JournalSchema.migrate($0, at: folder.journal)
        }
        let rows = RotationRows()
        let (first, accepted) = try Sample.accepted("r1", at: date)
        var state = accepted
        func write(_ event: RotationEvent) async throws -> [RotationRows.Place] {
            let writes = try PreparedWrite.prepare([.append(event, state: state)])
            return try await queue.write { [date] database in
                try JournalWriter(database: database, now: date, rows: rows).apply(writes)
            }
        }
        rows.keep(try await write(first))
        var places: [RotationRows.Place] = []
        for _ in 2...4 {
            let (event, next) = Sample.event(after: state, at: date)
            state = next
            places = try await write(event)
            #expect(rows.place(of: "r1")?.number == 1)
        }
        #expect(places.map(\.number) == [4])
        rows.keep(places)
        let (event, next) = Sample.event(after: state, at: date)
        state = next
        #expect(try await write(event).map(\.number) == [5])

        // Throws where the chain of digests is not whole.
        let reader = try SQLiteJournalReader.open(path: folder.journal, clock: SetClock())
        #expect(try await reader.history(of: "r1").map(\.number) == [1, 2, 3, 4, 5])
        try reader.close()
    }

    @Test func `is not believed where somebody else changed the table`() async throws {
        let clock = SetClock()
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let (first, state) = try Sample.accepted("r1", at: date)
        try await journal.commit([.append(first, state: state)], under: nil)
        try await DatabaseQueue(path: folder.journal).write {
            try $0.execute(sql: "UPDATE rotations SET number = 9")
        }
        let (event, next) = Sample.event(after: state, at: date)
        await #expect(throws: JournalFailure.conflict("rotation r1 is at 9, not 1")) {
            try await journal.commit([.append(event, state: next)], under: nil)
        }
        try await journal.close()
    }

    @Test func `is bounded, and forgets what has ended`() {
        let rows = RotationRows()
        func place(_ number: Int, isOpen: Bool = true) -> RotationRows.Place {
            .init(rotation: RotationID("r\(number)"), row: 1, number: 1, head: [], isOpen: isOpen)
        }
        rows.keep((0..<RotationRows.limit).map { place($0) })
        #expect(rows.place(of: "r0") != nil)
        rows.keep([place(0, isOpen: false)])
        #expect(rows.place(of: "r0") == nil)
        rows.keep([place(1)])
        rows.keep([place(-1)])
        #expect(rows.place(of: "r-1") != nil)
    }
}
