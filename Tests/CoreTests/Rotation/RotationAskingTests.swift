import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `A workload that shows nothing yet` {
    private let start = RotationSample.start

    // It was asked twice a second for an hour, each time with an event in the journal.
    @Test func `is asked a tenth late at most, and not thousands of times`() throws {
        var plan = RotationSample.plan(.alternate)
        plan.policy = RotationPolicy(
            verifyDeadlineSeconds: 3_600,
            firstBackoffSeconds: 0.5,
            longestBackoffSeconds: 300
        )
        let request = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: request))
        while rotation.next(at: start, in: rotation.lane) != .perform(.observe(0)) {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        let began = rotation.times.stepBeganAt
        let policy = rotation.plan.policy
        var (now, count) = (began, 0)
        asking: while count < 1_000 {
            switch rotation.next(at: now, in: rotation.lane) {
            case .perform(.observe(0)):
                rotation.fold(.observed(.evidence(0, EvidenceLevel.none), at: now))
                count += 1
            case .wait(let date):
                let spent = now.timeIntervalSince(began)
                let pause = date.timeIntervalSince(now)
                #expect(pause > 0)
                #expect(pause <= max(policy.firstBackoffSeconds, spent / 10) + 0.001)
                now = date
            default: break asking
            }
        }
        #expect(now.timeIntervalSince(began) >= policy.verifyDeadlineSeconds)
        #expect((10...200).contains(count))
    }
}
