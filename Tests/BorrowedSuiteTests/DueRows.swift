import Foundation
import InMemoryTarget
import RekeyCore
import RekeyPorts
import Testing

/// Suite D: azure-sdk-tools' table of states, and when a revocation is due.
///
/// Its "Rotate" is our due, and its "Warning", which comes later, our overdue.
enum DueRows {
    static let all = states + revocations

    /// Threshold and warning in hours, and the hours until each of two ends.
    private static let table: [(Double, Double?, Double, Double, DueState)] = [
        (24, 22, 0, 30, .expired), (24, 22, -1, 30, .expired), (24, 22, -1, 23, .expired),
        (24, 22, 30, 0, .expired), (24, 22, 30, -1, .expired), (24, 22, 23, -1, .expired),
        (24, 22, 24, 30, .due), (24, 22, 23, 30, .due), (24, 22, 30, 24, .due),
        (24, 22, 30, 23, .due), (24, 22, 22, 30, .overdue), (24, 22, 10, 30, .overdue),
        (24, 22, 30, 22, .overdue), (24, 22, 30, 10, .overdue), (24, nil, 30, 10, .overdue),
        (24, 22, 25, 25, .upToDate),
    ]

    private static let states = table.enumerated().map { index, row in
        let (threshold, warning, first, second, state) = row
        let limits = "threshold \(threshold) h, warning \(warning.map { "\($0) h" } ?? "implied")"
        return BorrowedRow(
            "D\(index + 1)",
            .azureTools("lines 22-37"),
            "\(limits), ends in \(first) h and \(second) h → \(state)",
            check: {
                let found = DueState(
                    ends: [noon + first * hour, noon + second * hour],
                    thresholdSeconds: threshold * hour,
                    warningSeconds: warning.map { $0 * hour },
                    at: noon
                )
                #expect(found == state)
            }
        )
    }

    private static let revocations =
        [(1.0, false), (0, true), (-1, true)].enumerated().map { index, row in
            let (hours, isDue) = row
            return BorrowedRow(
                "D\(17 + index)",
                .azureTools("lines 90-92"),
                "revoke after \(hours) h → \(isDue ? "due" : "not due")",
                check: { try retires(graceEndsIn: hours, isDue) }
            )
        } + [
            BorrowedRow(
                "D20",
                .azureTools("lines 90-92"),
                "revocation runs although the primary is not due",
                check: DueRows.retiresThoughNothingIsDue
            )
        ]

    /// The source's clock, 2020-06-01T12:00Z.
    private static let noon = Date(timeIntervalSince1970: 1_591_012_800)
    private static let hour = 3_600.0

    /// Brings a rotation to where only the grace period keeps the old credential.
    private static func retires(graceEndsIn hours: Double, _ isDue: Bool) throws {
        let end = noon + hours * hour
        let completed = end - 10 * hour
        var plan = ShortRotation.plan
        plan.policy.graceSeconds = 10 * hour
        let rotation = try ShortRotation.completed(plan, at: completed)
        #expect(rotation.step == .retire)
        let decision = rotation.next(at: noon, in: .step(.retire))
        if isDue {
            #expect(decision == .perform(.reprove))
        } else {
            #expect(decision == .wait(until: end))
        }
        #expect(DueDate.isDue(end, at: noon) == isDue)
    }

    private static func retiresThoughNothingIsDue() async throws {
        let estate = await SuiteEstate()
        let end = try #require(try await estate.current().expires)
        let policy = estate.definition.policy
        let state = DueState(
            ends: [end],
            thresholdSeconds: policy.thresholdSeconds,
            at: Date()
        )
        #expect(state == .upToDate)
        #expect(try await estate.runOnce().end == .closed)
        let isRetired = estate.target?.inner.changes.map(\.kind) == [.installed, .retired]
        #expect(isRetired)
    }
}
