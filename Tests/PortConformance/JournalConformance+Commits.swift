import Foundation
import RekeyCore
import RekeyPorts
import Testing

extension JournalConformance {
    static let commits: [JournalConformance] = [
        JournalConformance("a rotation and its history come back as they were") {
            bench async throws in
            let first = try Sample.accepted("r1", at: bench.clock.now)
            let second = Sample.event(after: first.1, at: bench.clock.now + 0.7)
            let third = Sample.event(after: second.1, at: bench.clock.now + 1e-7)
            try await bench.commit(.append(first.0, state: first.1))
            #expect(try await bench.reader.rotation("r1") == first.1)
            try await bench.commit(
                .append(second.0, state: second.1),
                .append(third.0, state: third.1)
            )
            #expect(try await bench.reader.rotation("r1") == third.1)
            let history = try await bench.reader.history(of: "r1")
            #expect(history.map(\.event) == [first.0, second.0, third.0])
            #expect(history.map(\.number) == [1, 2, 3])
        },
        JournalConformance("what is not there is nil or empty") { bench async throws in
            #expect(try await bench.reader.rotation("none") == nil)
            #expect(try await bench.reader.history(of: "none").isEmpty)
            #expect(try await bench.reader.credential("none") == nil)
            #expect(try await bench.reader.nextTimer() == nil)
            #expect(try await bench.reader.counts() == JournalCounts())
        },
        JournalConformance("only the next event can be appended") { bench async throws in
            let first = try Sample.accepted("r1", at: bench.clock.now)
            let second = Sample.event(after: first.1, at: bench.clock.now)
            let third = Sample.event(after: second.1, at: bench.clock.now)
            await expectConflict(bench, .append(second.0, state: second.1))
            try await bench.commit(.append(first.0, state: first.1))
            await expectConflict(bench, .append(first.0, state: first.1))
            await expectConflict(bench, .append(third.0, state: third.1))
            #expect(try await bench.reader.rotation("r1") == first.1)
            #expect(try await bench.reader.history(of: "r1").count == 1)
        },
        JournalConformance("a commit that fails writes nothing") { bench async throws in
            let now = bench.clock.now
            let state = try await bench.begin("r1")
            let entry = Sample.entry("e1", at: now)
            let kept = JournalTimer(rotation: "r1", lane: "stage", dueAt: now)
            _ = try await bench.journal.receive([entry])
            try await bench.commit(.arm(kept))
            let next = Sample.event(after: state, at: now)
            let other = try Sample.accepted("r2", at: now)
            await expectConflict(
                bench,
                .append(next.0, state: next.1),
                .append(other.0, state: other.1),
                .handled(entry.id),
                .enqueue(Sample.row("o1", at: now)),
                .disarm("r1", lane: "stage"),
                .credential(CredentialRecord(id: "db", adoptedAt: now)),
                .debt(Sample.debt("a", at: now)),
                .append(next.0, state: next.1)
            )
            #expect(try await bench.reader.rotation("r1") == state)
            #expect(try await bench.reader.rotation("r2") == nil)
            #expect(try await bench.reader.history(of: "r1").count == 1)
            #expect(try await bench.reader.inbox(limit: 9) == [entry])
            #expect(try await bench.reader.outbox(limit: 9).isEmpty)
            #expect(try await bench.reader.timers(dueAt: now, limit: 9) == [kept])
            #expect(try await bench.reader.credentials().isEmpty)
            #expect(try await bench.reader.debts(unpaidOnly: false).isEmpty)
        },
        JournalConformance("rotations are listed by credential and openness") {
            bench async throws in
            try await bench.begin("r1", of: "db")
            let second = try await bench.begin("r2", of: "cache")
            let third = try await bench.begin("r3", of: "db")
            let end = Sample.ended(third, at: bench.clock.now)
            for (event, state) in end { try await bench.commit(.append(event, state: state)) }
            let all = try await bench.reader.rotations(RotationQuery())
            #expect(all.map(\.id) == ["r3", "r2", "r1"])
            let open = try await bench.reader.rotations(RotationQuery(openOnly: true))
            #expect(open.map(\.id) == ["r2", "r1"])
            let ofCache = try await bench.reader.rotations(RotationQuery(credential: "cache"))
            #expect(ofCache == [second])
            let both = RotationQuery(credential: "db", openOnly: true)
            #expect(try await bench.reader.rotations(both).map(\.id) == ["r1"])
            #expect(try await bench.reader.rotations(RotationQuery(limit: 1)).map(\.id) == ["r3"])
        },
    ]

    private static func expectConflict(_ bench: JournalBench, _ writes: JournalWrite...) async {
        await #expect {
            try await bench.journal.commit(writes, under: nil)
        } throws: { error in
            guard case JournalFailure.conflict = error else { return false }
            return true
        }
    }
}
