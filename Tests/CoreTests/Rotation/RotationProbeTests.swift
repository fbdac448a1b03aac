import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `Probes of an account` {
    private var start: Date { RotationSample.start }

    /// An installation whose outcome is unknown, and a policy of two probes an hour.
    private func unknown(after probes: [Date] = []) throws -> Rotation {
        var plan = RotationSample.plan(.alternate)
        plan.policy.probesPerHour = 2
        plan.policy.callAttempts = 100
        plan.recentProbes = probes.isEmpty ? nil : probes
        let event = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: event))
        while rotation.intent?.effect != .install {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        rotation.fold(.failed(.install, StepFailure(.unknown, "lost"), at: start))
        return rotation
    }

    @Test func `stop at the account's budget, and go on after the hour`() throws {
        var rotation = try unknown()
        for _ in 0..<2 {
            #expect(rotation.next(at: start, in: rotation.lane) == .perform(.probeInstalled))
            let failure = StepFailure(.transient, "no connection")
            rotation.fold(.failed(.probeInstalled, failure, at: start))
        }
        #expect(rotation.next(at: start, in: rotation.lane) == .wait(until: start + 3_600))
        let later = start + 3_600
        #expect(rotation.next(at: later, in: rotation.lane) == .perform(.probeInstalled))
    }

    @Test func `count from one rotation to the next`() throws {
        let rotation = try unknown(after: [start - 60, start - 30])
        #expect(rotation.next(at: start, in: rotation.lane) == .wait(until: start + 3_540))
    }
}
