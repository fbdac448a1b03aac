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

    // Where it could not even be asked for its end, its time had none.
    @Test(arguments: [StepFailure.Kind.transient, .unknown])
    func `is over, too, where it cannot be called`(kind: StepFailure.Kind) throws {
        var rotation = try hooked()
        let end = try #require(rotation.deadline(ofHook: 0))
        let failure = StepFailure(kind, "no answer")
        let early = RotationEvent.failed(.startHook(0), failure, at: end - 1)
        var tried = rotation
        tried.fold(early)
        #expect(tried.hooks[0].state == .waiting)
        #expect(tried.facts(after: early, from: rotation).isEmpty)
        rotation = tried
        let late = RotationEvent.failed(.followHook(0), failure, at: end)
        rotation.fold(late)
        #expect(rotation.hooks[0].state == .failed("no end within its deadline: no answer"))
        #expect(rotation.hooks[0].intent == nil)
        #expect(rotation.facts(after: late, from: tried) == [.hookFailed])
        #expect(rotation.next(at: end, in: .hook(kind: "site")) == .nothing)
    }

    // It counted as failed, and no fact said so.
    @Test func `is over at once where it never can be called`() throws {
        let before = try hooked()
        var rotation = before
        let failure = StepFailure(.permanent, "no right")
        let event = RotationEvent.failed(.startHook(0), failure, at: RotationSample.start)
        rotation.fold(event)
        #expect(rotation.hooks[0].state == .failed("no right"))
        #expect(rotation.facts(after: event, from: before) == [.hookFailed])
    }

    // Hosts that had the candidate were cut off: it was ended though they were not told.
    @Test func `that is over for one that has to run again keeps the candidate`() throws {
        var rotation = try hooked()
        rotation.fold(.observed(.hookStarted(0), at: RotationSample.start))
        rotation.fold(.gaveUp("rolled back by test", at: RotationSample.start))
        let failure = StepFailure(.permanent, "no right")
        rotation.fold(.intended(.startHook(0), at: RotationSample.start, deadline: .distantFuture))
        rotation.fold(.failed(.startHook(0), failure, at: RotationSample.start))
        while let event = Walk.best(for: rotation) { rotation.fold(event) }
        #expect(rotation.end == nil)
        #expect(rotation.candidate.mayBeLive)
        rotation.fold(.resumed(rebase: false, by: "test", at: RotationSample.start))
        while let event = Walk.best(for: rotation) { rotation.fold(event) }
        #expect(rotation.end == .rolledBack)
    }

    /// A rotation with its hook's start under way.
    private func hooked() throws -> Rotation {
        var rotation = try RotationSample.rotation(.alternate)
        while rotation.hooks[0].intent == nil {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        return rotation
    }
}
