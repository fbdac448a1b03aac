import Foundation
import PortConformance
import RekeyCore
import RekeyPorts
import SQLiteJournal
import Testing

@Suite struct `Pruning a SQLite journal` {
    private let folder: JournalFolder
    private let clock = SetClock()

    init() throws { folder = try JournalFolder() }

    @Test func `deletes what was done long ago, and nothing that waits`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let start = clock.now
        let entries = ["old", "waiting", "new"].map { Sample.entry(EventID($0), at: start) }
        _ = try await journal.receive(entries)
        let rows = ["o-old", "o-waiting", "o-new"].map {
            Sample.row(EventID($0), mustArrive: false, at: start)
        }
        try await journal.commit(rows.map { .enqueue($0) }, under: nil)
        let (event, state) = try Sample.accepted("r1", at: start)
        try await journal.commit([.append(event, state: state)], under: nil)

        try await journal.commit([.handled(entries[0].id), .sent(["o-old"])], under: nil)
        clock.advance(by: 100)
        try await journal.commit([.handled(entries[2].id), .sent(["o-new"])], under: nil)
        #expect(try await journal.prune(before: start + 50, limit: 10) == 2)
        #expect(try await journal.prune(before: start + 50, limit: 10) == 0)

        #expect(try await journal.receive(entries) == [true, false, false])
        #expect(try await journal.reader.outbox(limit: 9) == [rows[1]])
        try await journal.commit(rows.map { .enqueue($0) }, under: nil)
        #expect(try await journal.reader.outbox(limit: 9) == [rows[1], rows[0]])
        #expect(try await journal.reader.rotation("r1") == state)
        try await journal.close()
    }

    @Test func `goes in batches`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let entries = (0..<25).map { Sample.entry(EventID("e\($0)"), at: clock.now) }
        _ = try await journal.receive(entries)
        try await journal.commit(entries.map { .handled($0.id) }, under: nil)
        clock.advance(by: 1)
        var batches: [Int] = []
        repeat {
            batches.append(try await journal.prune(before: clock.now, limit: 10))
        } while batches.last != 0
        #expect(batches == [10, 10, 5, 0])
        try await journal.close()
    }
}
