import CrashSupport
import Foundation
import RekeyCore
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct `A worker process killed anywhere` {
    private static let strategies = [Strategy.addThenRemove, .alternate]
    private static let parts = Task { try await ProcessParts.start() }

    @Test func `locks nobody out, loses nothing and ends`() async throws {
        let parts = try await Self.parts.value
        var sum = ProcessReport("of both")
        for strategy in Self.strategies {
            let sweep = ProcessSweep(strategy: strategy, parts: parts, stride: Self.stride ?? 1)
            let report = try await sweep.run()
            Self.tell(report)
            let some = report.violations.prefix(20).joined(separator: "\n")
            #expect(report.violations.isEmpty, "\(report)\n\(some)")
            #expect(report.points > 70)
            #expect(report.unreached == 0)
            #expect(report.fewestSignIns >= ProcessObserver.fewestLooks)
            #expect(report.fewestLists >= ProcessObserver.fewestLooks)
            #expect(report.looksWhileDead > report.runs)
            sum.add(report)
        }
        Self.tell(sum)
    }

    /// What one worker leaves in a database is taken over when its claim has ended.
    @Test func `loses nothing of a journal in PostgreSQL`() async throws {
        let report = try await ProcessSweep(
            strategy: .alternate,
            parts: try await Self.parts.value,
            stride: Self.sharedStride,
            sharesJournal: true
        ).run()
        Self.tell("shared journal: \(report)")
        let some = report.violations.prefix(20).joined(separator: "\n")
        #expect(report.violations.isEmpty, "\(report)\n\(some)")
        #expect(report.points > 50)
        // How often a claim is asked for varies, and the last of these may come in no other run.
        #expect(report.unreached <= 1 + report.points / Self.sharedStride / 20)
    }

    @Test(arguments: strategies, PlantedMistake.allCases)
    func `is seen to lock somebody out by a planted mistake`(
        strategy: Strategy,
        planted: PlantedMistake
    ) async throws {
        let parts = try await Self.parts.value
        let report = try await ProcessSweep(
            strategy: strategy,
            parts: parts,
            stride: Self.plantedStride,
            planted: planted
        ).run()
        Self.tell("planted \(planted): \(report)")
        #expect(report.violations.contains { $0.contains("locked out") })
    }

    /// A planted mistake shows in every run, so a few are enough.
    private static let plantedStride = 40

    /// Of how many points one is tried, for who looks at a part of the sweep only.
    private static var stride: Int? {
        ProcessInfo.processInfo.environment["REKEY_CRASH_STRIDE"].flatMap { Int($0) }
    }

    /// The same on a journal in a database, where each point waits for a claim to end.
    private static var sharedStride: Int {
        let named = ProcessInfo.processInfo.environment["REKEY_SHARED_CRASH_STRIDE"]
        return named.flatMap { Int($0) } ?? 16
    }

    private static func tell(_ line: some CustomStringConvertible) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}
