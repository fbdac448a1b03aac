import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `A system that does not answer for days` {
    private static let start = RotationSample.start
    private static let policy = RotationPolicy(
        graceSeconds: 0,
        callDeadlineSeconds: 0,
        firstBackoffSeconds: 0.5,
        longestBackoffSeconds: 60
    )
    private static let outage = 5.5 * 86_400

    /// A rotation at the first call of a step.
    private func rotation(at step: Step) throws -> Rotation {
        var plan = RotationSample.plan(.addThenRemove)
        plan.policy = Self.policy
        plan.hooks = []
        let accepted = RotationEvent.accepted(plan, reason: .routine, by: "test", at: Self.start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: accepted))
        while rotation.step != step { rotation.fold(try #require(Walk.best(for: rotation))) }
        return rotation
    }

    /// Lets every call fail until `end`; answers with when each was made.
    private func fail(_ rotation: inout Rotation, until end: Date) throws -> [Date] {
        var (now, calls) = (Self.start, [Date]())
        while now < end {
            switch rotation.next(at: now, in: rotation.lane) {
            case .perform(let effect):
                let failure = StepFailure(.transient, "nobody answers")
                rotation.fold(.failed(effect, failure, at: now))
                calls.append(now)
            case .wait(let date): now = date
            default:
                Issue.record("it neither calls nor waits")
                return calls
            }
        }
        return calls
    }

    // A target was asked every minute for as long as it was away, each time with an event in the
    // history: 13,555 in five and a half days.
    @Test(arguments: [Step.retire, .close])
    func `is asked ever more seldom, where nobody waits for it`(step: Step) throws {
        var rotation = try rotation(at: step)
        let calls = try fail(&rotation, until: Self.start + Self.outage)
        #expect((300...600).contains(calls.count))
        for (before, call) in zip(calls, calls.dropFirst()) {
            let pause = call.timeIntervalSince(before)
            let spent = before.timeIntervalSince(Self.start)
            #expect(pause <= min(60 + spent / 10, 900) + 0.001)
        }
        #expect(rotation.step == step && rotation.stuckReason == nil)
    }

    /// Lets only the end of a credential fail until `end`: whatever is looked at before answers.
    private func failToEnd(_ rotation: inout Rotation, until end: Date) -> [Date] {
        var (now, calls) = (Self.start, [Date]())
        while now < end {
            switch rotation.next(at: now, in: rotation.lane) {
            case .perform(.retire(let account)):
                let failure = StepFailure(.transient, "nobody answers")
                rotation.fold(.intended(.retire(account), at: now, deadline: now))
                rotation.fold(.failed(.retire(account), failure, at: now))
                calls.append(now)
            case .perform(.reprove): rotation.fold(.observed(.proved, at: now))
            case .perform(.observeSilence):
                rotation.fold(EffectOutcomes.best(of: .observeSilence, in: rotation))
            case .perform(.readCarrier(let index)):
                let latest = rotation.carriers[index].latest
                let read = Observation.carrierRead(index, latest: latest, isOurs: true)
                rotation.fold(.observed(read, at: now))
            case .wait(let date): now = date
            case let other:
                Issue.record("\(other)")
                return calls
            }
        }
        return calls
    }

    // The carriers are read again before each attempt, and each answer took the failures for
    // over: a target was asked twice a second for days, each time with events in the history.
    @Test func `is asked ever more seldom, though all else answers`() throws {
        var rotation = try rotation(at: .retire)
        let calls = failToEnd(&rotation, until: Self.start + Self.outage)
        #expect((300...600).contains(calls.count))
        #expect(rotation.failures == calls.count)
        #expect(rotation.step == .retire && rotation.stuckReason == nil)
        var back = try self.rotation(at: .verify)
        back.fold(.gaveUp("a test", at: Self.start))
        while true {
            if case .perform(.retire) = back.next(at: Self.start, in: back.lane) { break }
            back.fold(try #require(Walk.best(for: back)))
        }
        let again = failToEnd(&back, until: Self.start + 86_400)
        let pauses = zip(again, again.dropFirst()).map { $1.timeIntervalSince($0) }
        #expect(pauses.max() == 60)
        #expect((1_400...1_500).contains(again.count))
    }

    @Test func `is asked within the minute, where workloads wait for it`() throws {
        var rotation = try rotation(at: .promote)
        let calls = try fail(&rotation, until: Self.start + 86_400)
        let pauses = zip(calls, calls.dropFirst()).map { $1.timeIntervalSince($0) }
        #expect(pauses.max() == 60)
    }

    @Test(arguments: [nil, 200] as [Double?])
    func `is asked within the minute once it is urgent, or when it asks for`(
        retryAfter: Double?
    ) throws {
        var rotation = try rotation(at: .retire)
        let calls = try fail(&rotation, until: Self.start + Self.outage)
        let last = try #require(calls.last)
        var now = last + 900
        guard case .perform(let effect) = rotation.next(at: now, in: rotation.lane) else {
            Issue.record("it does not call")
            return
        }
        let failure = StepFailure(.transient, "busy", retryAfterSeconds: retryAfter)
        rotation.fold(.failed(effect, failure, at: now))
        #expect(rotation.next(at: now, in: rotation.lane) == .wait(until: now + 900))
        rotation.fold(.madeUrgent(by: "test", at: now + 1))
        let next = now + (retryAfter ?? 60)
        guard case .wait(let date) = rotation.next(at: now + 1, in: rotation.lane) else {
            Issue.record("it does not wait")
            return
        }
        #expect(abs(date.timeIntervalSince(next)) < 0.001)
        now = date + 0.001
        rotation.fold(.failed(effect, StepFailure(.transient, "nobody answers"), at: now))
        #expect(rotation.next(at: now, in: rotation.lane) == .wait(until: now + 60))
    }

    @Test func `is asked at once when somebody says so, and then as at first`() throws {
        var rotation = try rotation(at: .retire)
        let calls = try fail(&rotation, until: Self.start + Self.outage)
        let now = try #require(calls.last) + 1
        rotation.fold(.resumed(rebase: false, by: "test", at: now))
        guard case .perform(let effect) = rotation.next(at: now, in: rotation.lane) else {
            Issue.record("it does not call")
            return
        }
        rotation.fold(.failed(effect, StepFailure(.transient, "nobody answers"), at: now))
        #expect(rotation.next(at: now, in: rotation.lane) == .wait(until: now + 0.5))
    }
}
