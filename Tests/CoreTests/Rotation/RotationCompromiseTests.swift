import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `A compromised credential` {
    private var start: Date { RotationSample.start }
    private var deadline: Date { start + 800 }
    private let request = EventID("request")

    /// A rotation in which all went well until it is about to do `effect`.
    private func rotation(
        _ strategy: Strategy,
        before effect: Effect
    ) throws -> Rotation {
        let plan = RotationSample.plan(strategy)
        let event = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: event))
        while rotation.next(at: start, in: rotation.lane) != .perform(effect) {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        return rotation
    }

    private func declared(revokeBy: Date? = nil) -> RotationEvent {
        let reason = RotationReason.compromise(versions: ["base-0"], revokeBy: revokeBy)
        return .compromised(reason, request: request, by: "security", at: start)
    }

    @Test func `dies at its deadline, whatever the steps wait for`() throws {
        var rotation = try rotation(.alternate, before: .observe(0))
        rotation.fold(declared(revokeBy: deadline))
        rotation.fold(.stuck("no evidence", at: start))
        #expect(rotation.next(at: start, in: rotation.lane) == .hold)
        #expect(rotation.next(at: start, in: .revocation) == .wait(until: deadline))
        #expect(rotation.next(at: deadline, in: .revocation) == .passRevokeBy)
        rotation.fold(.revokeByPassed(at: deadline))
        #expect(rotation.revocation?.cutOff == ["workload reads-everyone", "hook hosts"])
        #expect(rotation.stuckReason == nil)
        #expect(rotation.next(at: deadline, in: .revocation) == .perform(.revoke("old")))
        rotation.fold(.intended(.revoke("old"), at: deadline, deadline: deadline))
        rotation.fold(.failed(.revoke("old"), StepFailure(.unknown, "lost"), at: deadline))
        #expect(rotation.next(at: deadline, in: .revocation) == .perform(.inspectRevoked))
        rotation.fold(.observed(.revokedLooked(isAccepted: false), at: deadline))
        #expect(rotation.next(at: deadline, in: .revocation) == .nothing)
        #expect(rotation.debts.map(\.isPaid).contains(false) == false)
        // Without waiting for evidence it goes on to its end, and revokes nothing twice.
        var done: [Effect] = []
        while let event = Walk.best(for: rotation) {
            if case .intended(let effect, _, _) = event { done.append(effect) }
            rotation.fold(event)
        }
        #expect(rotation.end == .closed)
        #expect(!done.contains(.retire("old")))
    }

    @Test func `is not revoked twice where the rotation was in time`() throws {
        var rotation = try rotation(.addThenRemove, before: .observe(0))
        rotation.fold(declared(revokeBy: deadline))
        // Hooks that had not begun are left to the rotation that follows, so it ends at once.
        while let event = Walk.best(for: rotation) { rotation.fold(event) }
        #expect(rotation.end == .closed)
        #expect(rotation.next(at: deadline, in: .revocation) == .nothing)
    }

    @Test func `is served by a value that was made after the request`() throws {
        var rotation = try RotationSample.rotation(.addThenRemove)
        rotation.fold(declared())
        #expect(rotation.servedRequests == [request])
        #expect(rotation.isUrgent)
        #expect(rotation.reason.isCompromise)
        while let event = Walk.best(for: rotation) { rotation.fold(event) }
        #expect(rotation.end == .closed)
        #expect(rotation.hooks.map(\.hasSucceeded).contains(false) == false)
        #expect(rotation.debts.map(\.isPaid).contains(false) == false)
    }

    @Test func `leaves open hooks and the old credential to the next, where there is room`() throws
    {
        var rotation = try rotation(.addThenRemove, before: .observe(0))
        rotation.fold(declared())
        #expect(rotation.servedRequests == nil)
        #expect(rotation.hooks.map(\.state) == [.superseded])
        while let event = Walk.best(for: rotation) { rotation.fold(event) }
        #expect(rotation.end == .closed)
        #expect(rotation.debts.map(\.account) == ["old"])
        #expect(rotation.debts.map(\.isPaid) == [false])
    }

    @Test func `keeps the hooks of two accounts, of which the next needs the old one`() throws {
        var rotation = try rotation(.alternate, before: .observe(0))
        rotation.fold(declared())
        #expect(rotation.hooks.map(\.state) == [.waiting])
        while let event = Walk.best(for: rotation) { rotation.fold(event) }
        #expect(rotation.end == .closed)
        #expect(rotation.debts.map(\.isPaid).contains(false) == false)
    }

    @Test func `ends what an earlier rotation left, too`() throws {
        var plan = RotationSample.plan(.addThenRemove)
        plan.inheritedDebts = ["older"]
        let event = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: event))
        var retired: [Effect] = []
        while let event = Walk.best(for: rotation) {
            if case .intended(.retire(let account), _, _) = event {
                retired.append(.retire(account))
            }
            rotation.fold(event)
        }
        #expect(retired == [.retire("old"), .retire("older")])
        #expect(rotation.end == .closed)
        #expect(rotation.debts.map(\.isPaid).contains(false) == false)
    }

    @Test func `is never restored: a person decides`() throws {
        var rotation = try rotation(.alternate, before: .observe(0))
        rotation.fold(declared())
        rotation.fold(.observed(.evidence(0, EvidenceLevel.none), at: RotationSample.late))
        guard case .getStuck = rotation.next(at: RotationSample.late, in: rotation.lane) else {
            Issue.record("it goes back")
            return
        }
    }

    @Test func `waits for no approval`() throws {
        var plan = RotationSample.plan(.alternate)
        plan.policy.needsApproval = true
        let reason = RotationSample.compromise
        let event = RotationEvent.accepted(plan, reason: reason, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: event))
        while let event = Walk.best(for: rotation) { rotation.fold(event) }
        #expect(rotation.end == .closed)
    }

    @Test func `keeps the earlier of two deadlines`() throws {
        var rotation = try RotationSample.rotation(.alternate)
        rotation.fold(declared(revokeBy: deadline))
        rotation.fold(declared(revokeBy: deadline + 60))
        #expect(rotation.revocation?.dueAt == deadline)
        rotation.fold(declared(revokeBy: deadline - 60))
        #expect(rotation.revocation?.dueAt == deadline - 60)
    }

    // It gave up after as many attempts as ever, and a value replaced in place lived on.
    @Test(arguments: [Strategy.replace, .alternate, .addThenRemove])
    func `is replaced without end once its deadline has passed`(strategy: Strategy) throws {
        let effect = strategy == .addThenRemove ? Effect.issue : .install
        var rotation = try rotation(strategy, before: effect)
        rotation.fold(declared(revokeBy: deadline))
        let failure = StepFailure(.transient, "not now")
        for _ in 0..<2 { fail(effect, failure, &rotation) }
        guard case .getStuck(let why) = rotation.next(at: start, in: rotation.lane) else {
            Issue.record("it goes on before its deadline")
            return
        }
        rotation.fold(.stuck(why, at: start))
        rotation.fold(.revokeByPassed(at: deadline))
        for _ in 0..<20 { fail(effect, failure, &rotation) }
        #expect(rotation.next(at: deadline, in: rotation.lane) == .perform(effect))
        // What cannot succeed still is for a person.
        fail(effect, StepFailure(.permanent, "no right"), &rotation)
        guard case .getStuck = rotation.next(at: deadline, in: rotation.lane) else {
            Issue.record("it goes on though it cannot")
            return
        }
    }

    private func fail(_ effect: Effect, _ failure: StepFailure, _ rotation: inout Rotation) {
        rotation.fold(.intended(effect, at: start, deadline: start))
        rotation.fold(.failed(effect, failure, at: start))
    }

    @Test func `that is replaced in place dies with the new value, and is revoked by nothing else`()
        throws
    {
        var rotation = try rotation(.replace, before: .observe(0))
        rotation.fold(declared(revokeBy: deadline))
        #expect(rotation.next(at: deadline, in: .revocation) == .passRevokeBy)
        rotation.fold(.revokeByPassed(at: deadline))
        #expect(rotation.revocation?.cutOff == ["workload reads-everyone", "hook hosts"])
        #expect(rotation.next(at: deadline, in: .revocation) == .nothing)
        // Whoever has not shown the new value is not waited for.
        var done: [Effect] = []
        while let event = Walk.best(for: rotation) {
            if case .observed(.evidence, _) = event { Issue.record("it waits for evidence") }
            if case .intended(let effect, _, _) = event { done.append(effect) }
            rotation.fold(event)
        }
        #expect(rotation.end == .closed)
        #expect(!done.contains { $0 == .retire("old") || $0 == .revoke("old") })
        #expect(rotation.gapSeconds >= 0 && rotation.debts.isEmpty)
    }

    // Its deadline meant nothing where the rotation went back to it.
    @Test func `dies at its deadline though a rotation goes back to it`() throws {
        var rotation = try rotation(.alternate, before: .observe(0))
        rotation.fold(.gaveUp("no evidence", at: start))
        rotation.fold(declared(revokeBy: deadline))
        #expect(rotation.next(at: start, in: .revocation) == .wait(until: deadline))
        rotation.fold(.stuck("restore: no right", at: start))
        #expect(rotation.next(at: deadline, in: .revocation) == .passRevokeBy)
        let event = RotationEvent.revokeByPassed(at: deadline)
        let before = rotation
        rotation.fold(event)
        #expect(rotation.facts(after: event, from: before) == [.revokeByPassed])
        #expect(rotation.revocation?.cutOff == ["workload reads-everyone", "hook hosts"])
        #expect(rotation.stuckReason == nil)
        #expect(rotation.next(at: deadline, in: .revocation) == .perform(.revoke("old")))
        rotation.fold(.intended(.revoke("old"), at: deadline, deadline: deadline))
        rotation.fold(.observed(.revoked("old"), at: deadline))
        // Nobody has to show the dead value, and the next rotation can begin.
        while let event = Walk.best(for: rotation) {
            if case .observed(.evidence, _) = event { Issue.record("it waits for evidence") }
            rotation.fold(event)
        }
        #expect(rotation.end == .rolledBack)
        #expect(rotation.debts.map(\.isPaid).contains(false) == false)
    }

    // Only the new value's taking ends it, so that the way back is not waited for any longer.
    @Test(arguments: [Strategy.replace, .valueOnly])
    func `that a rotation has put back waits for nobody after its deadline`(
        strategy: Strategy
    ) throws {
        var rotation = try rotation(strategy, before: .observe(0))
        rotation.fold(.gaveUp("no evidence", at: start))
        rotation.fold(declared(revokeBy: deadline))
        while let event = Walk.best(for: rotation) {
            if case .observed(.evidence, _) = event { break }
            rotation.fold(event)
        }
        #expect(rotation.end == nil)
        #expect(rotation.next(at: deadline, in: .revocation) == .passRevokeBy)
        rotation.fold(.revokeByPassed(at: deadline))
        #expect(rotation.next(at: deadline, in: .revocation) == .nothing)
        while let event = Walk.best(for: rotation) {
            if case .observed(.evidence, _) = event { Issue.record("it waits for evidence") }
            rotation.fold(event)
        }
        #expect(rotation.end == .rolledBack)
    }
}
