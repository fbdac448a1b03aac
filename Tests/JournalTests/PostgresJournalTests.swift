import PortConformance
import Testing

@Suite struct `A PostgreSQL journal` {
    @Test(arguments: JournalConformance.all)
    func `keeps the promises of its port`(_ conformance: JournalConformance) async throws {
        let bench = try await PostgresBench.make()
        try await conformance.check { clock in
            try await bench.open(clock, goesBy: clock)
        }
    }
}
