import Foundation
import RekeyCore
import Testing

@Suite struct `A due date` {
    private let noon = Date(timeIntervalSince1970: 1_591_012_800)  // 2020-06-01T12:00Z

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
