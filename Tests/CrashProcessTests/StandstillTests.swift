import CrashSupport
import RekeyCore
import Synchronization
import Testing

// A worker that stands still where it can neither be seen nor told so, and goes on when another
// has done its work.
extension `A worker process killed or stopped anywhere` {
    private static let standing = Mutex<[ProcessReport]>([])

    @Test(arguments: ProcessCourse.standing)
    func `finds out that another has ended its rotation`(course: ProcessCourse) async throws {
        let report = try await ProcessSweep(
            course: course,
            parts: try await ProcessParts.shared.value,
            stride: course.stride
        ).run()
        ProcessReport.tell(report)
        let some = report.violations.prefix(20).joined(separator: "\n")
        #expect(report.violations.isEmpty, "\(report)\n\(some)")
        #expect(report.points > 100 || course.namedPoint != nil)
        // Not every point has a write behind it, and a part of them may have none.
        #expect(report.standing.refused > 0 || course.isPart)
        #expect(report.standing.deliveries > 0)
        #expect(report.unreached <= 1 + report.points * 2 / course.stride / 20)
        #expect((report.longestGapSeen > 0) == !course.strategy.overlaps)
        Self.tellTable(after: report)
    }

    @Test(
        arguments: [
            // The look before a credential is made. What comes later needs the staged version,
            // which the other worker has disabled.
            (
                .addThenRemove, .ignoresStaleClaims,
                SeamPoint("vault.staging.preflight", 1, .after), "2 are accepted at the end"
            ),
            (
                .dualKey, .callsLate, SeamPoint("target.regenerate", 1, .before),
                "the workload is locked out"
            ),
        ] as [(Strategy, PlantedMistake, SeamPoint, String)]
    )
    func `is seen to do late what another has done, by a planted mistake`(
        strategy: Strategy,
        planted: PlantedMistake,
        point: SeamPoint,
        wrong: String
    ) async throws {
        let report = try await ProcessSweep(
            course: ProcessCourse(strategy: strategy, journal: .postgres, stands: true),
            parts: try await ProcessParts.shared.value,
            planted: planted,
            troubles: [ProcessTrouble(point: point, handover: .claim)]
        ).run()
        ProcessReport.tell("planted \(planted): \(report)")
        #expect(report.violations.contains { $0.contains(wrong) })
        #expect(report.standing.refused > 0 || planted == .callsLate)
    }

    private static func tellTable(after report: ProcessReport) {
        let rows = standing.withLock { reports in
            reports.append(report)
            return reports.count == ProcessCourse.standing.count ? reports.map(\.row) : []
        }
        guard !rows.isEmpty else { return }
        let lines = ["standstill table:", ProcessReport.standingColumns] + rows
        ProcessReport.tell(lines.joined(separator: "\n"))
    }
}
