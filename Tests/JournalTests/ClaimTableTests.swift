import RekeyCore
import RekeyPorts
import Testing

@testable import SQLiteJournal

@Suite("A table of claims")
struct ClaimTableTests {
    @Test func `lets nobody read before what the holder before him wrote`() throws {
        let table = ClaimTable(generation: 1)
        let first = try claim(table, "w1", at: 0)
        #expect(table.commitBegins(under: first))
        #expect(table.claim("r1", for: "w2", at: 60, seconds: 30) == .behindCommit)
        #expect(table.claim("r1", for: "w1", at: 60, seconds: 30) == .behindCommit)
        let second = try claim(table, "w2", at: 60, isBehindCommits: true)
        #expect(second.epoch > first.epoch)
        #expect(throws: JournalFailure.self) { try table.check(first) }
        table.commitEnded(under: first)
        #expect(try claim(table, "w2", at: 60).epoch > second.epoch)
    }

    @Test func `counts no commit under a claim that was given back`() throws {
        let table = ClaimTable(generation: 1)
        let first = try claim(table, "w1", at: 0)
        table.release(first)
        #expect(!table.commitBegins(under: first))
        let second = try claim(table, "w2", at: 0)
        #expect(table.commitBegins(under: second))
        #expect(table.claim("r1", for: "w1", at: 60, seconds: 30) == .behindCommit)
    }

    @Test func `gives epochs above those of all generations before`() throws {
        let old = ClaimTable(generation: 1)
        for _ in 0..<1_000 { old.release(try claim(old, "w1", at: 0)) }
        let last = try claim(old, "w1", at: 0)
        #expect(try claim(ClaimTable(generation: 2), "w1", at: 0).epoch > last.epoch)
    }

    private func claim(
        _ table: ClaimTable,
        _ holder: String,
        at bootSeconds: Double,
        isBehindCommits: Bool = false
    ) throws -> Claim {
        let answer = table.claim(
            "r1",
            for: holder,
            at: bootSeconds,
            seconds: 30,
            isBehindCommits: isBehindCommits
        )
        guard case .granted(let claim) = answer else { throw JournalFailure.conflict("\(answer)") }
        return claim
    }
}
