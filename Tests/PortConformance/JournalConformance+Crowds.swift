import RekeyCore
import RekeyPorts
import Testing

extension JournalConformance {
    static let crowds: [JournalConformance] = [
        JournalConformance("a thousand commits at once are all there") { bench async throws in
            let now = bench.clock.now
            try await withThrowingTaskGroup { group in
                for index in 0..<1_000 {
                    group.addTask {
                        let id = RotationID("r\(index)")
                        let entry = Sample.entry(EventID("e\(index)"), rotation: id, at: now)
                        #expect(try await bench.journal.receive([entry]) == [true])
                        let (event, state) = try Sample.accepted(id, at: now)
                        try await bench.commit(
                            .append(event, state: state),
                            .handled(entry.id),
                            .enqueue(Sample.row(EventID("o\(index)"), rotation: id, at: now))
                        )
                        #expect(try await bench.reader.rotation(id) == state)
                    }
                }
                try await group.waitForAll()
            }
            let rotations = try await bench.reader.rotations(RotationQuery(limit: 2_000))
            #expect(Set(rotations.map(\.id)).count == 1_000)
            #expect(Set(try await bench.reader.outbox(limit: 2_000).map(\.event)).count == 1_000)
            #expect(try await bench.reader.inbox(limit: 2_000).isEmpty)
        },
        JournalConformance("of a crowd that appends the same event, one succeeds") {
            bench async throws in
            let state = try await bench.begin("r1")
            let (event, next) = Sample.event(after: state, at: bench.clock.now)
            let count = await withTaskGroup { group in
                for index in 0..<100 {
                    group.addTask {
                        let row = Sample.row(EventID("o\(index)"), at: bench.clock.now)
                        do {
                            try await bench.commit(.enqueue(row), .append(event, state: next))
                            return 1
                        } catch JournalFailure.conflict {
                            return 0
                        } catch {
                            Issue.record(error)
                            return 0
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(count == 1)
            #expect(try await bench.reader.history(of: "r1").count == 2)
            #expect(try await bench.reader.outbox(limit: 200).count == 1)
        },
        JournalConformance("of a crowd that handles an entry, one succeeds") {
            bench async throws in
            let entry = Sample.entry("e1", at: bench.clock.now)
            _ = try await bench.journal.receive([entry])
            let count = await withTaskGroup { group in
                for index in 0..<50 {
                    group.addTask {
                        let row = Sample.row(EventID("o\(index)"), at: bench.clock.now)
                        do throws(JournalFailure) {
                            let writes: [JournalWrite] = [.enqueue(row), .handled(entry.id)]
                            try await bench.journal.commit(writes, under: nil)
                            return 1
                        } catch .gone {
                            return 0
                        } catch {
                            Issue.record(error)
                            return 99
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(count == 1)
            #expect(try await bench.reader.outbox(limit: 99).count == 1)
        },
        // Tried again and again, it kept everybody else from writing.
        JournalConformance("what cannot be kept is refused, and takes nobody along") {
            bench async throws in
            let now = bench.clock.now
            let refused = await withTaskGroup { group in
                for index in 0..<50 {
                    group.addTask {
                        let good = Sample.entry(EventID("e\(index)"), at: now)
                        let bad = Sample.entry(EventID("e\0\(index)"), at: now)
                        do throws(JournalFailure) {
                            let entries = index % 10 == 3 ? [good, bad] : [good]
                            return try await bench.journal.receive(entries) == [true] ? 0 : 99
                        } catch .unwritable {
                            return 1
                        } catch {
                            Issue.record(error)
                            return 99
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(refused == 5)
            #expect(try await bench.reader.inbox(limit: 99).count == 45)
            let named = Sample.entry("e1", rotation: "r\0", at: now)
            await #expect(throws: JournalFailure.self) { try await bench.journal.receive([named]) }
            #expect(try await bench.reader.inbox(limit: 99).count == 45)
        },
        JournalConformance("of a crowd that claims a rotation, one succeeds") {
            bench async throws in
            let claims = try await withThrowingTaskGroup { group in
                for index in 0..<50 {
                    group.addTask {
                        try await bench.journal.claim("r1", for: "w\(index)", seconds: 10)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(claims.compactMap(\.self).count == 1)
        },
    ]
}
