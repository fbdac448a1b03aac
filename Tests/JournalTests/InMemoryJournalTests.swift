import InMemoryJournal
import PortConformance
import RekeyCore
import RekeyPorts
import Testing

@Suite struct `An in-memory journal` {
    @Test(arguments: JournalConformance.all)
    func `keeps the promises of its port`(_ conformance: JournalConformance) async throws {
        try await conformance.check { InMemoryJournal(clock: $0) }
    }

    @Test func `voids the claims of a process that died`() async throws {
        let journal = InMemoryJournal(clock: SetClock())
        let first = try #require(await journal.claim("r1", for: "w1", seconds: 60))
        journal.reopen()
        let second = try #require(await journal.claim("r1", for: "w2", seconds: 60))
        #expect(second.epoch > first.epoch)
    }
}
