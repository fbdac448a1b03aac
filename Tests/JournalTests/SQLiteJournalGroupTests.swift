import Foundation
import GRDB
import PortConformance
import RekeyCore
import RekeyPorts
import SQLiteJournal
import Testing

@Suite struct `Grouped commits` {
    private let folder: JournalFolder
    private let clock = SetClock()

    init() throws { folder = try JournalFolder() }

    @Test(.timeLimit(.minutes(1))) func `of many callers share few transactions`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: folder.journal, configuration: configuration)
        try await withThrowingTaskGroup { group in
            // While somebody else writes, the first caller waits, and all others behind it.
            try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
            for index in 0..<640 {
                group.addTask {
                    let row = Sample.row(EventID("o\(index)"), at: clock.now)
                    try await journal.commit([.enqueue(row)], under: nil)
                }
            }
            while journal.groupCounts.waiting < 640 - 256 { await Task.yield() }
            try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
            try await group.waitForAll()
        }
        #expect(journal.groupCounts.callers == 640)
        // At most 256 a group. Those who waited fill theirs; the last 256 may come one by one.
        #expect((3...258).contains(journal.groupCounts.transactions))
        try await journal.close()
    }

    @Test func `of a lone caller are one transaction each`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        for index in 0..<5 {
            let row = Sample.row(EventID("o\(index)"), at: clock.now)
            try await journal.commit([.enqueue(row)], under: nil)
        }
        #expect(journal.groupCounts.transactions == 5)
        #expect(journal.groupCounts.callers == 5)
        try await journal.close()
    }

    @Test func `fail for the caller whose write is bad, and for nobody else`() async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let never = Date(timeIntervalSinceReferenceDate: .nan)
        let refused = await withTaskGroup { group in
            for index in 0..<200 {
                group.addTask {
                    let isBad = index % 10 == 3
                    let good = Sample.row(EventID("o\(index)"), at: clock.now)
                    let bad = Sample.row(EventID("bad\(index)"), at: never)
                    do {
                        let writes = [.enqueue(good)] + (isBad ? [JournalWrite.enqueue(bad)] : [])
                        try await journal.commit(writes, under: nil)
                        #expect(!isBad)
                        return 0
                    } catch {
                        #expect(isBad && "\(error)".contains("SQLITE_CONSTRAINT"))
                        return 1
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(refused == 20)
        #expect(try await journal.reader.outbox(limit: 999).count == 180)
        try await journal.close()
    }

    @Test func `fail for the caller whose record cannot be read, and for nobody else`() async throws
    {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock)
        let records = (0..<50).map {
            CredentialRecord(id: CredentialID("c\($0)"), adoptedAt: clock.now)
        }
        try await journal.commit(records.map { .credential($0) }, under: nil)
        try await DatabaseQueue(path: folder.journal).write {
            try $0.execute(sql: "UPDATE credentials SET record = x'7b' WHERE id = 'c7'")
        }
        let refused = await withTaskGroup { group in
            for record in records {
                group.addTask { () -> CredentialID? in
                    do throws(JournalFailure) {
                        try await journal.commit([.credential(record.written)], under: nil)
                        return nil
                    } catch {
                        #expect("\(error)".hasPrefix("conflict: credential c7 "))
                        return record.id
                    }
                }
            }
            return await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
        }
        #expect(refused == ["c7"])
        try await journal.close()
    }

    @Test func `that do not fit are refused whole, and work goes on when there is room`()
        async throws
    {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: clock, pageLimit: 60)
        var written = 0
        var failure: JournalFailure?
        while failure == nil {
            do {
                try await journal.commit(twoRows(written), under: nil)
                written += 1
            } catch { failure = error }
        }
        #expect(failure?.description.contains("SQLITE_FULL: the disk is full") == true)
        let rows = try await journal.reader.outbox(limit: 9_999).map(\.event)
        #expect(rows.count == 2 * written)
        #expect(!rows.contains(EventID("a\(written)")))

        try await journal.commit([.sent(rows)], under: nil)
        clock.advance(by: 10)
        #expect(try await journal.prune(before: clock.now, limit: 1_000) == rows.count)
        try await journal.commit(twoRows(written), under: nil)
        #expect(try await journal.reader.outbox(limit: 9).count == 2)
        try await journal.close()
        #expect(try JournalCheck(of: folder.journal).integrity == "ok")
    }

    private func twoRows(_ number: Int) -> [JournalWrite] {
        ["a", "b"].map { letter in
            .enqueue(
                OutboxRow(
                    event: EventID("\(letter)\(number)"),
                    type: .candidateStaged,
                    rotation: nil,
                    body: [UInt8](repeating: 7, count: 1_500),
                    mustArrive: false,
                    createdAt: clock.now
                )
            )
        }
    }
}
