import Simulation
import Testing

/// A short part of what `rekey-lab simulate` goes through.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `Through years of lost events and outages` {
    @Test func `every secret rotates before it ends, and nothing storms`() async throws {
        let reports = try await Simulation.run(
            [0, 0.5, 1].map { SimulationSettings(seed: 7, years: 1, secrets: 20, loss: $0) }
        )
        for report in reports {
            #expect(report.firstViolations == [])
            #expect(report.rotations > 80)
            #expect(report.faults > 100)
            #expect(report.looks > 2_000)
        }
        // The three differ in what gets lost, and so in what happens.
        #expect(Set(reports.map(\.traceDigest)).count == reports.count)
    }

    @Test func `a planted mistake is found, and is to blame`() async throws {
        let planted = SimulationMistake.allCases.map(\.settings)
        let innocent = planted.map { settings in
            var settings = settings
            settings.mistake = nil
            return settings
        }
        for report in try await Simulation.run(planted) {
            #expect(report.violations > 0, "\(report.mistake ?? "") was not found")
        }
        for report in try await Simulation.run(innocent) {
            #expect(report.firstViolations == [])
        }
    }

    @Test func `one seed does the same, byte for byte`() async throws {
        let settings = SimulationSettings(seed: 3, years: 0.4, secrets: 10, loss: 0.5)
        var other = settings
        other.seed = 4
        let reports = try await Simulation.run([settings, settings, other])
        #expect(reports[0].traceBytes > 10_000)
        #expect(reports[0].traceDigest == reports[1].traceDigest)
        #expect(reports[0].traceBytes == reports[1].traceBytes)
        #expect(reports[0].traceDigest != reports[2].traceDigest)
    }
}
