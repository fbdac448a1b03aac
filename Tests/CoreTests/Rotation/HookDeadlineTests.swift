import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `A hook's time` {
    private let hooks = [
        PlannedHook("quick", kind: "site", deadlineSeconds: 60),
        PlannedHook("usual", kind: "automation"),
        PlannedHook("slow", kind: "automation", deadlineSeconds: 7_200),
    ]

    // A hook's own deadline was read from the configuration, and nobody asked for it.
    @Test func `is its own, else the policy's`() throws {
        var plan = RotationSample.plan(.alternate)
        plan.hooks = hooks
        plan.policy.hookDeadlineSeconds = 600
        let start = RotationSample.start
        var rotation = try #require(
            Rotation(
                RotationSample.id,
                startingWith: .accepted(plan, reason: .routine, by: "test", at: start)
            )
        )
        for index in hooks.indices {
            #expect(rotation.deadline(ofHook: index) == nil)
            rotation.fold(.intended(.startHook(index), at: start, deadline: start + 30))
        }
        let ends = hooks.indices.map { rotation.deadline(ofHook: $0)?.timeIntervalSince(start) }
        #expect(ends == [60, 600, 7_200])
    }

    @Test func `is counted by the slowest where it has to fit before an end`() {
        var policy = RotationPolicy()
        (policy.hookDeadlineSeconds, policy.graceSeconds) = (600, 10)
        #expect(policy.secondsAfterGate(with: []) == 10)
        #expect(policy.secondsAfterGate(with: [hooks[0]]) == 70)
        #expect(policy.secondsAfterGate(with: [hooks[0], hooks[1]]) == 610)
        #expect(policy.secondsAfterGate(with: hooks) == 7_210)
    }
}
