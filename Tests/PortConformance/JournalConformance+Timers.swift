import Foundation
import RekeyCore
import RekeyPorts
import Testing

extension JournalConformance {
    static let timers: [JournalConformance] = [
        JournalConformance("a lane has one timer, the last armed") { bench async throws in
            let now = bench.clock.now
            let early = JournalTimer(rotation: "r1", lane: "stage", dueAt: now + 1)
            let late = JournalTimer(
                rotation: "r1",
                lane: "stage",
                dueAt: now + 1 / 3,
                isUrgent: true
            )
            try await bench.commit(.arm(early), .arm(late))
            #expect(try await bench.reader.timers(dueAt: now + 9, limit: 9) == [late])
            #expect(try await bench.reader.nextTimer() == late.dueAt)
            let hook = JournalTimer(rotation: "r1", lane: "hook.site", dueAt: now)
            try await bench.commit(.arm(hook))
            #expect(try await bench.reader.timers(dueAt: now + 9, limit: 9) == [late, hook])
        },
        JournalConformance("of timers that are due the urgent, then the earliest come first") {
            bench async throws in
            let now = bench.clock.now
            let timers = [(3.0, true), (1, false), (2, false), (2.5, true), (4, true)].map {
                JournalTimer(
                    rotation: RotationID("r\($0)"),
                    lane: "verify",
                    dueAt: now + $0,
                    isUrgent: $1
                )
            }
            for timer in timers { try await bench.commit(.arm(timer)) }
            let order = [timers[3], timers[0], timers[1], timers[2]]
            #expect(try await bench.reader.timers(dueAt: now + 3, limit: 9) == order)
            #expect(try await bench.reader.timers(dueAt: now + 3, limit: 1) == [timers[3]])
            #expect(try await bench.reader.timers(dueAt: now, limit: 9).isEmpty)
            #expect(try await bench.reader.nextTimer() == timers[1].dueAt)
        },
        JournalConformance("a disarmed timer is gone") { bench async throws in
            let now = bench.clock.now
            let timer = JournalTimer(rotation: "r1", lane: "stage", dueAt: now)
            try await bench.commit(.arm(timer), .disarm("r1", lane: "apply"))
            #expect(try await bench.reader.nextTimer() == now)
            try await bench.commit(.disarm("r1", lane: "stage"))
            try await bench.commit(.disarm("r1", lane: "stage"))
            #expect(try await bench.reader.nextTimer() == nil)
        },
        JournalConformance("a sleeper is open, and nothing would wake it") { bench async throws in
            let now = bench.clock.now
            for id in ["r1", "r2", "r3", "r4", "r5"] { try await bench.begin(RotationID(id)) }
            let ended = try await bench.begin("r6")
            for (event, state) in Sample.ended(ended, at: now) {
                try await bench.commit(.append(event, state: state))
            }
            let all: [RotationID] = ["r1", "r2", "r3", "r4", "r5"]
            #expect(try await bench.reader.sleepers(limit: 9) == all)
            #expect(try await bench.reader.sleepers(limit: 2) == ["r1", "r2"])

            let claim = try #require(await bench.journal.claim("r1", for: "w", seconds: 10))
            try await bench.commit(.arm(JournalTimer(rotation: "r2", lane: "x", dueAt: now + 99)))
            let entry = Sample.entry("e3", rotation: "r3", at: now)
            _ = try await bench.journal.receive([entry])
            try await bench.commit(.enqueue(Sample.row("o4", rotation: "r4", at: now)))
            #expect(try await bench.reader.sleepers(limit: 9) == ["r5"])

            try await bench.commit(
                .disarm("r2", lane: "x"),
                .handled(entry.id),
                .sent(["o4"])
            )
            #expect(try await bench.reader.sleepers(limit: 9) == ["r2", "r3", "r4", "r5"])
            bench.clock.advance(by: 10)
            #expect(try await bench.reader.sleepers(limit: 9) == all)
            _ = try await bench.journal.claim("r2", for: "w", seconds: 10)
            try await bench.journal.release(claim)
            #expect(try await bench.reader.sleepers(limit: 9) == ["r1", "r3", "r4", "r5"])
        },
        // A compromise has its deadline's timer from its first commit, and whatever woke a step of
        // it was not missed when it was lost.
        JournalConformance("the deadline of a compromise wakes no step") { bench async throws in
            let now = bench.clock.now
            for id in ["r1", "r2", "r3"] { try await bench.begin(RotationID(id)) }
            let lanes: [(RotationID, Lane)] = [
                ("r1", .revocation), ("r2", .revocation), ("r2", .step(.retire)),
                ("r3", .hook(kind: "site")), ("r3", .revocation),
            ]
            for (id, lane) in lanes {
                let timer = JournalTimer(
                    rotation: id,
                    lane: lane.description,
                    dueAt: now + 99,
                    isUrgent: true
                )
                try await bench.commit(.arm(timer))
            }
            #expect(try await bench.reader.sleepers(limit: 9) == ["r1"])
            try await bench.commit(.disarm("r2", lane: "retire"))
            #expect(try await bench.reader.sleepers(limit: 9) == ["r1", "r2"])
        },
        JournalConformance("counts tell what is there") { bench async throws in
            let now = bench.clock.now
            try await bench.begin("r1")
            _ = try await bench.journal.receive([
                Sample.entry("e1", at: now), Sample.entry("e2", isUrgent: true, at: now),
                Sample.entry("e3", at: now),
            ])
            try await bench.commit(
                .handled(Sample.id("e3")),
                .enqueue(Sample.row("o1", at: now + 2)),
                .enqueue(Sample.row("o2", at: now + 1)),
                .enqueue(Sample.row("o3", at: now)),
                .sent(["o3"]),
                .arm(JournalTimer(rotation: "r1", lane: "x", dueAt: now)),
                .debt(Sample.debt("a", at: now)),
                .debt(Sample.debt("b", isPaid: true, at: now))
            )
            let expected = JournalCounts(
                openRotations: 1,
                waitingInbox: 2,
                unsentOutbox: 2,
                oldestUnsent: now + 1,
                timers: 1,
                unpaidDebts: 1
            )
            #expect(try await bench.reader.counts() == expected)
        },
    ]
}
