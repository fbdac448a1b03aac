import Foundation
import RekeyCore
import RekeyPorts
import Testing

extension JournalConformance {
    static let pruning: [JournalConformance] = [
        JournalConformance("pruning forgets what was done long ago, and nothing that waits") {
            bench async throws in
            let start = bench.clock.now
            let entries = ["old", "waiting", "new"].map { Sample.entry(EventID($0), at: start) }
            _ = try await bench.journal.receive(entries)
            let rows = ["o-old", "o-waiting", "o-new"].map {
                Sample.row(EventID($0), mustArrive: false, at: start)
            }
            for row in rows { try await bench.commit(.enqueue(row)) }
            let timer = JournalTimer(rotation: "r1", lane: "stage", dueAt: start)
            let record = CredentialRecord(id: "db", adoptedAt: start)
            let state = try await bench.begin("r1")
            try await bench.commit(.arm(timer), .credential(record))
            try await bench.commit(.handled(entries[0].id), .sent(["o-old"]))
            bench.clock.advance(by: 100)
            try await bench.commit(.handled(entries[2].id), .sent(["o-new"]))

            #expect(try await bench.journal.prune(before: start + 50, limit: 10) == 2)
            #expect(try await bench.journal.prune(before: start + 50, limit: 10) == 0)
            #expect(try await bench.reader.inbox(limit: 9) == [entries[1]])
            #expect(try await bench.journal.receive(entries) == [true, false, false])
            #expect(try await bench.reader.outbox(limit: 9) == [rows[1]])
            for row in rows { try await bench.commit(.enqueue(row)) }
            #expect(try await bench.reader.outbox(limit: 9) == [rows[1], rows[0]])
            #expect(try await bench.reader.rotation("r1") == state)
            #expect(try await bench.reader.timers(dueAt: start, limit: 9) == [timer])
            #expect(try await bench.reader.credentials() == [record.written])
        },
        JournalConformance("pruning goes in batches of each, the oldest first") {
            bench async throws in
            let entries = (0..<25).map { Sample.entry(EventID("e\($0)"), at: bench.clock.now) }
            _ = try await bench.journal.receive(entries)
            for entry in entries {
                try await bench.commit(.handled(entry.id))
                bench.clock.advance(by: 1)
            }
            var batches = [try await bench.journal.prune(before: bench.clock.now, limit: 10)]
            let isNew = try await bench.journal.receive(entries)
            #expect(isNew == entries.indices.map { $0 < 10 })
            repeat {
                batches.append(try await bench.journal.prune(before: bench.clock.now, limit: 10))
            } while batches.last != 0
            #expect(batches == [10, 10, 5, 0])
            #expect(try await bench.journal.prune(before: bench.clock.now, limit: 0) == 0)
        },
        JournalConformance("an id is remembered from when it was handled first") {
            bench async throws in
            let entry = Sample.entry("e1", at: bench.clock.now)
            let start = bench.clock.now
            _ = try await bench.journal.receive([entry])
            try await bench.commit(.handled(entry.id))
            bench.clock.advance(by: 100)
            await expectGone(bench, .handled(entry.id))
            #expect(try await bench.journal.prune(before: start + 50, limit: 9) == 1)
            #expect(try await bench.journal.receive([entry]) == [true])
        },
    ]
}
