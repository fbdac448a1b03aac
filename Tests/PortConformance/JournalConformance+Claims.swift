import RekeyCore
import RekeyPorts
import Testing

extension JournalConformance {
    static let claims: [JournalConformance] = [
        JournalConformance("a claim keeps others off while it lasts") { bench async throws in
            let claim = try await bench.journal.claim("r1", for: "w1", seconds: 30)
            #expect(claim?.holder == "w1")
            #expect(claim?.untilBootSeconds == bench.clock.bootSeconds + 30)
            #expect(try await bench.journal.claim("r1", for: "w2", seconds: 30) == nil)
            #expect(try await bench.journal.claim("r2", for: "w2", seconds: 30) != nil)
        },
        JournalConformance("a claim ends by the time since boot") { bench async throws in
            let first = try #require(await bench.journal.claim("r1", for: "w1", seconds: 30))
            bench.clock.advance(by: 29)
            #expect(try await bench.journal.claim("r1", for: "w2", seconds: 30) == nil)
            bench.clock.advance(by: 1)
            let second = try #require(await bench.journal.claim("r1", for: "w2", seconds: 30))
            #expect(second.epoch > first.epoch)
            await expectStale(bench, first)
            try await bench.commit(.enqueue(Sample.row("o1", at: bench.clock.now)), under: second)
        },
        JournalConformance("an expired claim is good until another takes it") {
            bench async throws in
            let claim = try #require(await bench.journal.claim("r1", for: "w1", seconds: 1))
            bench.clock.advance(by: 60)
            try await bench.commit(.enqueue(Sample.row("o1", at: bench.clock.now)), under: claim)
            #expect(try await bench.reader.outbox(limit: 9).count == 1)
        },
        JournalConformance("claiming again renews under a new epoch") { bench async throws in
            let first = try #require(await bench.journal.claim("r1", for: "w1", seconds: 30))
            bench.clock.advance(by: 20)
            let second = try #require(await bench.journal.claim("r1", for: "w1", seconds: 30))
            #expect(second.epoch > first.epoch)
            #expect(second.untilBootSeconds == first.untilBootSeconds + 20)
            await expectStale(bench, first)
            bench.clock.advance(by: 20)
            #expect(try await bench.journal.claim("r1", for: "w2", seconds: 30) == nil)
        },
        JournalConformance("a claim that was given back is stale and free") { bench async throws in
            let first = try #require(await bench.journal.claim("r1", for: "w1", seconds: 30))
            try await bench.journal.release(first)
            await expectStale(bench, first)
            let second = try #require(await bench.journal.claim("r1", for: "w2", seconds: 30))
            #expect(second.epoch > first.epoch)
            try await bench.journal.release(first)
            #expect(try await bench.journal.claim("r1", for: "w1", seconds: 30) == nil)
        },
        JournalConformance("a claim that was never made is stale") { bench async throws in
            await expectStale(
                bench,
                Claim(rotation: "r1", holder: "w1", epoch: 1, untilBootSeconds: 1e9)
            )
        },
    ]

    private static func expectStale(_ bench: JournalBench, _ claim: Claim) async {
        let write = JournalWrite.enqueue(Sample.row("stale", at: bench.clock.now))
        await #expect {
            try await bench.journal.commit([write], under: claim)
        } throws: { error in
            guard case JournalFailure.staleClaim = error else { return false }
            return true
        }
        await #expect(throws: Never.self) {
            let rows = try await bench.reader.outbox(limit: 100)
            #expect(!rows.contains { $0.event == "stale" })
        }
    }
}
