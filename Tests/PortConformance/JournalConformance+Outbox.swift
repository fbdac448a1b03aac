import Foundation
import RekeyCore
import RekeyPorts
import Testing

extension JournalConformance {
    static let outbox: [JournalConformance] = [
        JournalConformance("the outbox is in the order of commit") { bench async throws in
            let now = bench.clock.now
            let names: [EventID] = ["c", "a", "d", "b"]
            let rows = names.map { Sample.row($0, rotation: "r1", at: now) }
            try await bench.commit(.enqueue(rows[0]), .enqueue(rows[1]))
            try await bench.commit(.enqueue(rows[2]))
            try await bench.commit(.enqueue(rows[3]))
            #expect(try await bench.reader.outbox(limit: 9) == rows)
            #expect(try await bench.reader.outbox(limit: 2) == Array(rows.prefix(2)))
        },
        JournalConformance("an announcement is enqueued once, sent or not") {
            bench async throws in
            let now = bench.clock.now
            let row = Sample.row("o1", mustArrive: false, at: now)
            let again = Sample.row("o1", rotation: "r1", mustArrive: false, at: now + 5)
            try await bench.commit(.enqueue(row), .enqueue(again))
            try await bench.commit(.enqueue(again))
            #expect(try await bench.reader.outbox(limit: 9) == [row])
            try await bench.commit(.sent(["o1"]))
            try await bench.commit(.enqueue(again))
            #expect(try await bench.reader.outbox(limit: 9).isEmpty)
        },
        JournalConformance("what has to arrive is enqueued once while it waits") {
            bench async throws in
            let row = Sample.row("o1", rotation: "r1", at: bench.clock.now)
            try await bench.commit(.enqueue(row), .enqueue(row))
            try await bench.commit(.enqueue(row))
            #expect(try await bench.reader.outbox(limit: 9) == [row])
            try await bench.commit(.sent(["o1"]))
            #expect(try await bench.reader.outbox(limit: 9).isEmpty)
        },
        JournalConformance("what was sent leaves the outbox") { bench async throws in
            let rows = ["a", "b", "c"].map { Sample.row(EventID($0), at: bench.clock.now) }
            for row in rows { try await bench.commit(.enqueue(row)) }
            try await bench.commit(.sent(["a", "c", "unknown"]))
            #expect(try await bench.reader.outbox(limit: 9) == [rows[1]])
            try await bench.commit(.sent(["a"]), .sent([]))
            #expect(try await bench.reader.outbox(limit: 9) == [rows[1]])
        },
    ]
}
