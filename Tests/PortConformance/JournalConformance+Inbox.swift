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
            try await bench.commit(.forget(entry.id))
            #expect(try await bench.journal.receive([entry]) == [false])
        },
        // Whoever had it in memory did its work once more, behind what was decided since.
        JournalConformance("an entry that is gone is handled by nobody") { bench async throws in
            let entries = ["handled", "forgotten", "waiting", "unknown"].map {
                Sample.entry(EventID($0), at: bench.clock.now)
            }
            _ = try await bench.journal.receive(Array(entries.prefix(3)))
            try await bench.commit(.waiting(entries[0].id), .handled(entries[0].id))
            try await bench.commit(.forget(entries[1].id))
            let row = Sample.row("o1", at: bench.clock.now)
            for entry in [entries[0], entries[1], entries[3]] {
                await expectGone(bench, .enqueue(row), .handled(entry.id))
                await expectGone(bench, .enqueue(row), .waiting(entry.id))
            }
            let waiting = entries[2].id
            await expectGone(bench, .enqueue(row), .handled(waiting), .handled(waiting))
            await expectGone(bench, .enqueue(row), .forget(waiting), .waiting(waiting))
            #expect(try await bench.reader.outbox(limit: 9).isEmpty)
            #expect(try await bench.reader.inbox(limit: 9) == [entries[2]])
            let isNew = try await bench.journal.receive(entries)
            #expect(isNew == [false, true, false, true])
            try await bench.commit(.enqueue(row), .waiting(waiting))
            #expect(try await bench.reader.inbox(limit: 9).contains { $0.id == waiting })
            #expect(try await bench.reader.outbox(limit: 9) == [row])
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

    static func expectGone(_ bench: JournalBench, _ writes: JournalWrite...) async {
        await #expect {
            try await bench.journal.commit(writes, under: nil)
        } throws: { error in
            guard case JournalFailure.gone = error else { return false }
            return true
        }
    }
}
