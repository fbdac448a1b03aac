import CrashSupport
import Foundation
import RekeyCore
import Synchronization
import Testing

@Suite(.serialized, .timeLimit(.minutes(60)))
struct `A worker process killed or stopped anywhere` {
    private static let reports = Mutex<[ProcessReport]>([])

    @Test(arguments: ProcessCourse.all)
    func `locks nobody out, loses nothing and ends`(course: ProcessCourse) async throws {
        let sweep = ProcessSweep(
            course: course,
            parts: try await ProcessParts.shared.value,
            stride: course.stride
        )
        let report = try await sweep.run()
        ProcessReport.tell(report)
        let some = report.violations.prefix(20).joined(separator: "\n")
        #expect(report.violations.isEmpty, "\(report)\n\(some)")
        #expect(report.points > 50)
        #expect(report.looksWhileDead > report.runs)
        #expect(report.fewestSignIns >= ProcessObserver.fewestLooks)
        #expect(report.fewestLists >= ProcessObserver.fewestLooks)
        // How often a claim is asked for varies, and the last of these may come in no other run.
        let isShared = course.journal == .postgres
        #expect(report.unreached <= (isShared ? 1 + report.points / course.stride / 20 : 0))
        // What has no overlap has a gap, and one that was looked at.
        #expect((report.longestGapSeen > 0) == !course.strategy.overlaps)
        Self.add(report)
    }

    @Test(
        arguments: [
            (.addThenRemove, .revokesEarly), (.addThenRemove, .skipsPromotion),
            (.alternate, .revokesEarly), (.alternate, .skipsPromotion),
            (.replace, .skipsPromotion), (.dualKey, .revokesEarly), (.valueOnly, .revokesEarly),
        ] as [(Strategy, PlantedMistake)]
    )
    func `is seen to lock somebody out by a planted mistake`(
        strategy: Strategy,
        planted: PlantedMistake
    ) async throws {
        let report = try await ProcessSweep(
            course: ProcessCourse(strategy: strategy, journal: .sqlite),
            parts: try await ProcessParts.shared.value,
            stride: Self.plantedStride,
            planted: planted
        ).run()
        ProcessReport.tell("planted \(planted): \(report)")
        let isSeen = report.violations.contains { $0.contains("locked out") }
        #expect(isSeen, "\(report.violations)")
    }

    /// A planted mistake shows in every run, so a few are enough.
    private static let plantedStride = 40

    /// Prints the table once all of it is there.
    private static func add(_ report: ProcessReport) {
        let rows = reports.withLock { reports in
            reports.append(report)
            return reports.count == ProcessCourse.all.count ? reports.map(\.row) : []
        }
        guard !rows.isEmpty else { return }
        let lines = ["process table:", ProcessReport.columns] + rows
        ProcessReport.tell(lines.joined(separator: "\n"))
    }
}
