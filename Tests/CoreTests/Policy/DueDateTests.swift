import Foundation
import RekeyCore
import Testing

@Suite struct `A due date` {
    private let noon = Date(timeIntervalSince1970: 1_591_012_800)  // 2020-06-01T12:00Z

    /// From azure-sdk-tools: threshold, warning, and the hours until each of two ends.
    ///
    /// Source: `RotationPlanTests.cs`. Its "Rotate" is our due, its "Warning" our overdue.
    @Test(
        arguments: [
            (24, 22, 0, 30, .expired), (24, 22, -1, 30, .expired), (24, 22, -1, 23, .expired),
            (24, 22, 30, 0, .expired), (24, 22, 30, -1, .expired), (24, 22, 23, -1, .expired),
            (24, 22, 24, 30, .due), (24, 22, 23, 30, .due), (24, 22, 30, 24, .due),
            (24, 22, 30, 23, .due), (24, 22, 22, 30, .overdue), (24, 22, 10, 30, .overdue),
            (24, 22, 30, 22, .overdue), (24, 22, 30, 10, .overdue), (24, nil, 30, 10, .overdue),
            (24, 22, 25, 25, .upToDate),
        ] as [(Double, Double?, Double, Double, DueState)]
    )
    func `follows the published table`(
        threshold: Double,
        warning: Double?,
        first: Double,
        second: Double,
        state: DueState
    ) {
        let found = DueState(
            ends: [noon + first * 3_600, noon + second * 3_600],
            thresholdSeconds: threshold * 3_600,
            warningSeconds: warning.map { $0 * 3_600 },
            at: noon
        )
        #expect(found == state)
    }

    @Test(arguments: [(1.0, false), (0, true), (-1, true)])
    func `of a revocation is reached at its very second`(hours: Double, isDue: Bool) {
        #expect(DueDate.isDue(noon + hours * 3_600, at: noon) == isDue)
    }

    /// The table of dnceng's `GitHubAccessTokenTests`: a life in days, and the day it rotates on.
    @Test(arguments: [(30.0, 20.0), (15, 10), (9, 6), (7, 4)])
    func `leaves a third of the life unless told otherwise`(life: Double, day: Double) {
        var layer = PolicyLayer()
        layer.lifetimeSeconds = life * 86_400
        let policy = ResolvedPolicy(layers: [(.defaults, layer)]).rotation
        let due = DueDate.next(policy, ends: nil, lastRotatedAt: noon)
        #expect(due == noon + day * 86_400)
    }

    @Test func `is the threshold before the end that the vault names`() {
        let policy = RotationPolicy(lifetimeSeconds: 1, thresholdSeconds: 7_200)
        #expect(
            DueDate.next(policy, ends: noon, lastRotatedAt: .distantPast) == noon - 7_200
        )
    }

    @Test func `is unknown where nothing ends`() {
        #expect(DueDate.next(RotationPolicy(), ends: nil, lastRotatedAt: nil) == nil)
        #expect(DueState(ends: [], thresholdSeconds: 1, at: noon) == .upToDate)
    }

    @Test func `of a life under three days is a third of it`() {
        #expect(DueDate.thirdOfLife(3_600) == 1_200)
        #expect(DueDate.thirdOfLife(90 * 86_400) == 30 * 86_400)
    }
}
