import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `A system that says when to come again` {
    private let start = RotationSample.start
    private let asked = StepFailure(.transient, "vault: 429", retryAfterSeconds: 30)

    /// A rotation that is about to stage its value.
    private func staging() throws -> Rotation {
        let plan = RotationSample.plan(.alternate)
        let request = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        return try #require(Rotation(RotationSample.id, startingWith: request))
    }

    /// Fails the deed that is next with an answer, and returns when.
    private func fail(_ rotation: inout Rotation, _ failure: StepFailure, at date: Date) throws {
        guard case .perform(let effect) = rotation.next(at: date, in: rotation.lane) else {
            throw StepFailure(.permanent, "nothing to do at \(date)")
        }
        rotation.fold(.intended(effect, at: date, deadline: date + 30))
        rotation.fold(.failed(effect, failure, at: date))
    }

    // Ten thousand secrets before one vault went back after five times each.
    @Test func `is waited for, and that is no attempt`() throws {
        var rotation = try staging()
        var now = start
        for _ in 1...100 {
            try fail(&rotation, asked, at: now)
            let again = now + 30
            #expect(rotation.next(at: now, in: rotation.lane) == .wait(until: again))
            now = again
        }
        #expect(rotation.failures == 0)
        #expect(rotation.next(at: now, in: rotation.lane) == .perform(.stageGenerated))
    }

    @Test func `is waited for no longer than a day`() throws {
        var rotation = try staging()
        try fail(&rotation, asked, at: start + 86_401)
        let decision = rotation.next(at: start + 86_500, in: rotation.lane)
        #expect(decision == .giveUp("stage: vault: 429"))
    }

    @Test func `does not make the failures of others count less`() throws {
        var rotation = try staging()
        let broken = StepFailure(.transient, "vault: 500")
        var now = start
        for _ in 1...rotation.plan.policy.callAttempts {
            try fail(&rotation, asked, at: now)
            now += 60
            try fail(&rotation, broken, at: now)
            now += 60
        }
        let decision = rotation.next(at: now, in: rotation.lane)
        #expect(decision == .giveUp("stage: vault: 500"))
    }
}
