import Foundation
import RekeyCore
import RekeyPorts
import Testing

extension JournalConformance {
    static let inbox: [JournalConformance] = [
        JournalConformance("an entry comes back as it came") { bench async throws in
            let entry = Sample.entry("e1", rotation: "r1", at: bench.clock.now)
            let bare = InboxEntry(
                id: Sample.id("e2"),
                type: .rotationRequested,
                rotation: nil,
                body: [],
                receivedAt: bench.clock.now
            )
            let replayed = InboxEntry(
                id: Sample.id("e3"),
                type: .rotationRequested,
                rotation: nil,
                body: [],
                userID: "crm",
                replayedBy: "operator",
                receivedAt: bench.clock.now
            )
            let all = [entry, bare, replayed]
            #expect(try await bench.journal.receive(all) == [true, true, true])
            #expect(try await bench.reader.inbox(limit: 10) == all)
        },
        JournalConformance("a waiting entry is not received twice in a lane") {
            bench async throws in
            let now = bench.clock.now
            let first = Sample.entry("e1", at: now)
            #expect(try await bench.journal.receive([first, first]) == [true, false])
            #expect(try await bench.journal.receive([Sample.entry("e1", at: now + 9)]) == [false])
            let other = Sample.entry("e1", lane: "apply", at: now)
            #expect(try await bench.journal.receive([other]) == [true])
            #expect(try await bench.reader.inbox(limit: 10) == [first, other])
        },
        JournalConformance("a handled entry is never received again") { bench async throws in
            let entry = Sample.entry("e1", at: bench.clock.now)
            _ = try await bench.journal.receive([entry])
            try await bench.commit(.handled(entry.id))
            #expect(try await bench.reader.inbox(limit: 10).isEmpty)
            #expect(try await bench.journal.receive([entry]) == [false])
            #expect(try await bench.reader.inbox(limit: 10).isEmpty)
        },
        JournalConformance("a forgotten entry may come again") { bench async throws in
            let entry = Sample.entry("e1", at: bench.clock.now)
            _ = try await bench.journal.receive([entry])
            try await bench.commit(.forget(entry.id))
            #expect(try await bench.reader.inbox(limit: 10).isEmpty)
            #expect(try await bench.journal.receive([entry]) == [true])
            #expect(try await bench.reader.inbox(limit: 10) == [entry])
        },
        JournalConformance("forgetting what was handled does not unhandle it") {
            bench async throws in
            let entry = Sample.entry("e1", at: bench.clock.now)
            _ = try await bench.journal.receive([entry])
            try await bench.commit(.handled(entry.id))
            try await bench.commit(.forget(entry.id), .handled(entry.id))
            #expect(try await bench.journal.receive([entry]) == [false])
        },
        JournalConformance("handling what was forgotten remembers it") { bench async throws in
            let entry = Sample.entry("e1", at: bench.clock.now)
            _ = try await bench.journal.receive([entry])
            try await bench.commit(.forget(entry.id))
            try await bench.commit(.handled(entry.id))
            #expect(try await bench.journal.receive([entry]) == [false])
        },
        JournalConformance("the inbox gives the urgent and then the oldest first") {
            bench async throws in
            let now = bench.clock.now
            let entries = [
                Sample.entry("calm-1", at: now),
                Sample.entry("urgent-1", isUrgent: true, at: now + 1),
                Sample.entry("calm-2", at: now + 2),
                Sample.entry("urgent-2", isUrgent: true, at: now + 3),
            ]
            for entry in entries { _ = try await bench.journal.receive([entry]) }
            let order = [entries[1], entries[3], entries[0], entries[2]]
            #expect(try await bench.reader.inbox(limit: 10) == order)
            #expect(try await bench.reader.inbox(limit: 3) == Array(order.prefix(3)))
            #expect(try await bench.reader.inbox(limit: 1) == [entries[1]])
            #expect(try await bench.reader.inbox(limit: 0).isEmpty)
        },
    ]
}
