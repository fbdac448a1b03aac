import Foundation
import RekeyCore
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `A worker process killed anywhere` {
    /// How many points a strategy is tried at, unless `REKEY_CRASH_POINTS` says another number.
    private static let usualPoints = 40

    @Test func `locks nobody out, loses nothing and ends`() async throws {
        let wanted = ProcessInfo.processInfo.environment["REKEY_CRASH_POINTS"].flatMap { Int($0) }
        let parts = try await ProcessParts.start()
        for strategy in [Strategy.addThenRemove, .alternate] {
            let report = try await ProcessSweep(
                strategy: strategy,
                parts: parts,
                runLimit: wanted ?? Self.usualPoints
            ).run()
            FileHandle.standardError.write(Data("\(report)\n".utf8))
            let some = report.violations.prefix(20).joined(separator: "\n")
            #expect(report.violations.isEmpty, "\(report)\n\(some)")
            #expect(report.points > 40)
            #expect(report.unreached * 4 < report.runs)
        }
    }
}
