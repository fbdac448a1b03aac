import Foundation
import RekeyCore
import RekeyPorts
import Testing

extension JournalConformance {
    static let revisions: [JournalConformance] = [
        JournalConformance("of two that read a record and change it, the second is refused whole") {
            bench async throws in
            let now = bench.clock.now
            let state = try await bench.begin("r1")
            try await bench.commit(.credential(CredentialRecord(id: "db", adoptedAt: now)))
            var first = try await bench.record("db")
            var second = first
            first.isPaused = true
            second.sequence = 9
            try await bench.commit(.credential(first))
            let next = Sample.event(after: state, at: now)
            let writes: [JournalWrite] = [
                .append(next.0, state: next.1), .enqueue(Sample.row("o1", at: now)),
                .arm(JournalTimer(rotation: "r1", lane: "stage", dueAt: now)),
                .debt(Sample.debt("a", at: now)),
            ]
            #expect(await bench.conflicts(writes + [.credential(second)]))
            #expect(try await bench.reader.credentials() == [first.written])
            #expect(try await bench.reader.rotation("r1") == state)
            #expect(try await bench.reader.history(of: "r1").count == 1)
            #expect(try await bench.reader.outbox(limit: 9).isEmpty)
            #expect(try await bench.reader.timers(dueAt: now, limit: 9).isEmpty)
            #expect(try await bench.reader.debts(unpaidOnly: false).isEmpty)
            // Read again, it is made of what the first has changed.
            second = try await bench.record("db")
            second.sequence = 9
            try await bench.journal.commit(writes + [.credential(second)], under: nil)
            let both = try await bench.record("db")
            #expect(both == second.written)
            #expect(both.isPaused && both.sequence == 9)
            #expect(try await bench.reader.rotation("r1") == next.1)
            #expect(try await bench.reader.outbox(limit: 9).count == 1)
        },
        JournalConformance("a record that was not read is taken only where there is none") {
            bench async throws in
            let new = CredentialRecord(id: "db", adoptedAt: bench.clock.now)
            #expect(await bench.conflicts([.credential(new.written)]))
            #expect(try await bench.reader.credentials().isEmpty)
            try await bench.commit(.credential(new))
            #expect(await bench.conflicts([.credential(new)]))
            // The same within one commit.
            let known = try await bench.record("db")
            #expect(await bench.conflicts([.credential(known), .credential(known)]))
            try await bench.commit(.credential(known), .credential(known.written))
            #expect(try await bench.reader.credentials() == [known.written.written])
        },
        JournalConformance("of a crowd that changes one record one succeeds, and all beside it") {
            bench async throws in
            let now = bench.clock.now
            try await bench.commit(.credential(CredentialRecord(id: "db", adoptedAt: now)))
            var read = try await bench.record("db")
            read.sequence = 3
            let changed = read
            let names = try await withThrowingTaskGroup { group in
                for index in 0..<200 {
                    group.addTask { () -> String? in
                        let (change, neighbour) = ("change-\(index)", "neighbour-\(index)")
                        guard index.isMultiple(of: 2) else {
                            let row = Sample.row(EventID(neighbour), at: now)
                            let other = CredentialRecord(
                                id: CredentialID(neighbour),
                                adoptedAt: now
                            )
                            try await bench.commit(.enqueue(row), .credential(other))
                            return neighbour
                        }
                        let row = Sample.row(EventID(change), at: now)
                        let writes: [JournalWrite] = [.enqueue(row), .credential(changed)]
                        return await bench.conflicts(writes) ? nil : change
                    }
                }
                return try await group.reduce(into: [String]()) { $0 += $1.map { [$0] } ?? [] }
            }
            #expect(names.count == 101)
            #expect(names.count { $0.hasPrefix("change") } == 1)
            let rows = try await bench.reader.outbox(limit: 300).map(\.event.text)
            #expect(rows.sorted() == names.sorted())
            #expect(try await bench.reader.credentials().count == 101)
            #expect(try await bench.record("db") == changed.written)
        },
        JournalConformance("of a crowd that reads again and changes until it may, nobody is lost") {
            bench async throws in
            let new = CredentialRecord(id: "db", adoptedAt: bench.clock.now)
            try await bench.commit(.credential(new))
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        var record = try await bench.record("db")
                        record.sequence += 1
                        while await bench.conflicts([.credential(record)]) {
                            record = try await bench.record("db")
                            record.sequence += 1
                        }
                    }
                }
                try await group.waitForAll()
            }
            let record = try await bench.record("db")
            #expect(record.sequence == 20)
            #expect(record.revision == 21)
        },
    ]
}

extension JournalBench {
    fileprivate func record(_ id: CredentialID) async throws -> CredentialRecord {
        try #require(try await reader.credential(id))
    }

    /// Whether a commit is refused as a conflict; any other failure is recorded.
    fileprivate func conflicts(_ writes: [JournalWrite]) async -> Bool {
        do throws(JournalFailure) {
            try await journal.commit(writes, under: nil)
            return false
        } catch .conflict {
            return true
        } catch {
            Issue.record(error)
            return false
        }
    }
}
