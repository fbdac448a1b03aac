import Foundation
import RekeyCore
import SagaModel
import Testing

/// Retire takes the union of the frozen and the present workloads and hooks.
@Suite struct `A rotation that somebody joins` {
    private let start = RotationSample.start
    private let late = PlannedWorkload("late")

    /// The configuration of a rotation's credential, with more in it by now.
    private func present(
        _ plan: RotationPlan,
        workloads: [PlannedWorkload] = [],
        hooks: [PlannedHook] = []
    ) -> CredentialDefinition {
        CredentialDefinition(
            id: plan.credential,
            strategy: plan.strategy,
            target: plan.target,
            staging: plan.staging,
            carriers: plan.carriers,
            workloads: plan.workloads + workloads,
            hooks: plan.hooks + hooks
        )
    }

    /// A rotation in which all went well until it is about to do `effect`.
    private func rotation(
        _ strategy: Strategy,
        before effect: Effect,
        hooks: [PlannedHook]? = []
    ) throws -> Rotation {
        var rotation = try RotationSample.rotation(strategy, hooks: hooks)
        while rotation.next(at: start, in: rotation.lane) != .perform(effect) {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        return rotation
    }

    private func join(
        _ rotation: inout Rotation,
        workloads: [PlannedWorkload] = [],
        hooks: [PlannedHook] = []
    ) throws {
        let present = present(rotation.plan, workloads: workloads, hooks: hooks)
        let event = rotation.widening(to: present, at: start, in: rotation.lane)
        rotation.fold(try #require(event))
        #expect(rotation.widening(to: present, at: start, in: rotation.lane) == nil)
    }

    /// What it does by itself from here to its end, where all goes well.
    private func deeds(_ rotation: inout Rotation) -> [Effect] {
        var deeds: [Effect] = []
        while let event = Walk.best(for: rotation) {
            if case .intended(let effect, _, _) = event { deeds.append(effect) }
            rotation.fold(event)
        }
        return deeds
    }

    @Test(arguments: Strategy.allCases)
    func `is widened from its completion to the end of the old credential`(
        strategy: Strategy
    ) throws {
        var rotation = try RotationSample.rotation(strategy)
        let hook = PlannedHook("late", kind: "webhook")
        var steps: Set<Step> = []
        var isRetired = false
        while let event = Walk.best(for: rotation) {
            rotation.fold(event)
            if case .observed(.retired, _) = event { isRetired = true }
            let more = present(rotation.plan, workloads: [late], hooks: [hook])
            let joins = rotation.widening(to: more, at: start, in: rotation.lane)
            let expected = RotationEvent.widened(workloads: [late], hooks: [hook], at: start)
            #expect(joins == nil || (joins == expected && !isRetired))
            if joins != nil { steps.insert(rotation.step) }
            let same = present(rotation.plan)
            #expect(rotation.widening(to: same, at: start, in: rotation.lane) == nil)
            #expect(rotation.widening(to: more, at: start, in: .hook(kind: "site")) == nil)
        }
        #expect(steps == [.complete, .hook, .retire])
    }

    @Test func `keeps whom it had, in the same places, and takes nobody in twice`() throws {
        var rotation = try RotationSample.rotation(.alternate)
        let before = rotation
        var other = rotation.plan.hooks[0]
        other.kind = "webhook"
        var changed = rotation.plan.workloads[0]
        changed.needs = .proved
        let event = RotationEvent.widened(
            workloads: [changed, late],
            hooks: [rotation.plan.hooks[0], other],
            at: start
        )
        for _ in 1...2 {
            rotation.fold(event)
            #expect(rotation.plan.workloads == before.plan.workloads + [late])
            #expect(rotation.workloads.count == 2)
            // A hook of another kind is another hook.
            #expect(rotation.plan.hooks == before.plan.hooks + [other])
            #expect(rotation.hooks.count == 2)
        }
        #expect(rotation.planDigest == before.planDigest)
        var none = present(before.plan)
        (none.workloads, none.hooks) = ([], [])
        #expect(rotation.widening(to: none, at: start, in: rotation.lane) == nil)
    }

    // Whoever was added in mid-rotation held the old one when it was revoked.
    @Test func `revokes nothing before who joined has shown the new credential`() throws {
        var rotation = try rotation(.alternate, before: .retire("old"))
        var control = rotation
        try join(&rotation, workloads: [late, PlannedWorkload("hand-fed", deliveredBy: .hook)])
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.refresh(1)))
        rotation.fold(.intended(.refresh(1), at: start, deadline: start))
        rotation.fold(.observed(.refreshed(1), at: start))
        for index in 1...2 {
            #expect(rotation.next(at: start, in: rotation.lane) == .perform(.observe(index)))
            rotation.fold(.observed(.evidence(index, .none), at: start))
            #expect(rotation.next(at: start + 1, in: rotation.lane) == .perform(.observe(index)))
            rotation.fold(.observed(.evidence(index, .healthy), at: start))
        }
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.retire("old")))
        #expect(deeds(&control).first == .retire("old"))
    }

    @Test func `looks after a revocation under way first, and then waits`() throws {
        var rotation = try rotation(.alternate, before: .retire("old"))
        rotation.fold(.intended(.retire("old"), at: start, deadline: start))
        rotation.fold(.failed(.retire("old"), StepFailure(.unknown, "lost"), at: start))
        try join(&rotation, workloads: [late])
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.inspectRetired))
        rotation.fold(.observed(.retiredLooked(isAccepted: true), at: start))
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.refresh(1)))
    }

    @Test func `gets stuck by the name of who joined, after as long as anybody has`() throws {
        var rotation = try rotation(.alternate, before: .retire("old"))
        let (seconds, joined) = (rotation.plan.policy.verifyDeadlineSeconds, start + 5_000)
        rotation.fold(.widened(workloads: [late], hooks: [], at: joined))
        rotation.fold(.observed(.refreshed(1), at: joined))
        rotation.fold(.observed(.evidence(1, .none), at: joined))
        let end = joined + seconds
        #expect(rotation.next(at: end, in: rotation.lane) == .perform(.observe(1)))
        rotation.fold(.observed(.evidence(1, .none), at: end + 1))
        let why = "retire: workload late showed none of healthy"
        #expect(rotation.next(at: end + 1, in: rotation.lane) == .getStuck(why))
    }

    @Test func `waits for a required hook that joined, though it failed first`() throws {
        var rotation = try rotation(.alternate, before: .retire("old"))
        try join(&rotation, hooks: [PlannedHook("late", kind: "webhook")])
        let lane = Lane.hook(kind: "webhook")
        #expect(rotation.next(at: start, in: rotation.lane) == .hold)
        #expect(rotation.next(at: start, in: lane) == .perform(.startHook(0)))
        rotation.fold(.intended(.startHook(0), at: start, deadline: start))
        rotation.fold(.observed(.hookStarted(0), at: start))
        rotation.fold(.observed(.hookEnded(0, .failed("no host")), at: start))
        #expect(rotation.next(at: RotationSample.late, in: rotation.lane) == .hold)
        rotation.fold(.resumed(rebase: false, by: "ops", at: start))
        #expect(rotation.next(at: start, in: lane) == .perform(.startHook(0)))
        rotation.fold(.observed(.hookEnded(0, .succeeded("done")), at: start))
        // It looks at everything again, since it was held up.
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.reprove))
    }

    @Test func `runs an optional hook that joined, and ends no earlier than that`() throws {
        var rotation = try rotation(.alternate, before: .retire("old"))
        try join(&rotation, hooks: [PlannedHook("late", kind: "site", isRequired: false)])
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.retire("old")))
        #expect(deeds(&rotation).contains(.startHook(0)))
        #expect(rotation.end == .closed)
    }

    @Test func `has verifiers drop nothing before who joined sends the new value`() throws {
        var rotation = try rotation(.valueOnly, before: .writeCarrier(0))
        while rotation.step != .retire { rotation.fold(try #require(Walk.best(for: rotation))) }
        var control = rotation
        // Sends and checks: it reloads before verifiers drop the old value, and after it.
        try join(&rotation, workloads: [late])
        let before = rotation.naturalKey(of: .refresh(2))
        var keys: [NaturalKey] = []
        var done: [Effect] = []
        while let event = Walk.best(for: rotation) {
            if case .intended(let effect, _, _) = event { done.append(effect) }
            rotation.fold(event)
            if case .intended(.refresh(2), _, _) = event {
                keys.append(rotation.naturalKey(of: .refresh(2)))
            }
        }
        let reloads: [Effect] = [.refresh(2), .writeCarrier(0), .refresh(0), .refresh(2)]
        #expect(done.filter { $0 != .disableStaged } == reloads)
        #expect(keys.count == 2 && keys[0] == before && keys[1] != before)
        #expect(deeds(&control).first == .writeCarrier(0))
    }

    // It may have taken the candidate up.
    @Test func `that goes back ends the candidate after who joined has the previous value`()
        throws
    {
        var rotation = try rotation(.alternate, before: .observe(0))
        rotation.fold(.gaveUp("no evidence", at: start))
        while rotation.next(at: start, in: rotation.lane) != .perform(.retire("new")) {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        var control = rotation
        try join(&rotation, workloads: [late])
        let hook = PlannedHook("late", kind: "site")
        let more = present(rotation.plan, hooks: [hook])
        #expect(rotation.widening(to: more, at: start, in: rotation.lane) == nil)
        #expect(Array(deeds(&rotation).prefix(2)) == [.refresh(1), .retire("new")])
        #expect(rotation.end == .rolledBack)
        #expect(deeds(&control).first == .retire("new"))
    }

    @Test func `that goes back has verifiers drop nothing that who joined may send`() throws {
        var rotation = try rotation(.valueOnly, before: .observe(1))
        rotation.fold(.gaveUp("no evidence", at: start))
        while rotation.pass < rotation.passes.count {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        try join(&rotation, workloads: [PlannedWorkload("late", audience: .callers)])
        #expect(Array(deeds(&rotation).prefix(2)) == [.refresh(2), .writeCarrier(0)])
        #expect(rotation.end == .rolledBack)
    }

    @Test func `past the deadline of a compromise waits for nobody, and has named who joined`()
        throws
    {
        let reason = RotationSample.compromise
        var rotation = try RotationSample.rotation(.alternate, reason: reason)
        while rotation.step != .retire { rotation.fold(try #require(Walk.best(for: rotation))) }
        let (late, lane) = (RotationSample.late, Lane.revocation)
        let more = present(rotation.plan, workloads: [self.late])
        #expect(rotation.widening(to: more, at: start, in: lane) == nil)
        rotation.fold(try #require(rotation.widening(to: more, at: late, in: lane)))
        rotation.fold(.revokeByPassed(at: late))
        #expect(rotation.revocation?.cutOff == ["workload late"])
        let other = present(rotation.plan, workloads: [PlannedWorkload("later")])
        #expect(rotation.widening(to: other, at: late, in: rotation.lane) == nil)
        #expect(rotation.next(at: late, in: lane) == .perform(.revoke("old")))
    }

    @Test func `leaves who joined to the rotation that a compromise queues behind it`() throws {
        var rotation = try rotation(.addThenRemove, before: .observe(0), hooks: nil)
        let reason = RotationReason.compromise(versions: [], revokeBy: nil)
        rotation.fold(.compromised(reason, request: "r", by: "security", at: start))
        while rotation.step != .complete {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        let more = present(rotation.plan, workloads: [late])
        #expect(rotation.widening(to: more, at: start, in: rotation.lane) == nil)
    }

    @Test func `is read from a journal as it was written`() throws {
        let hook = #"{"isRequired":true,"kind":"site","name":"h"}"#
        let workload =
            #"{"audience":"everyone","deliveredBy":"vault","name":"w","#
            + #""needs":"healthy","wave":0}"#
        let text = #"{"widened":{"at":7,"hooks":[\#(hook)],"workloads":[\#(workload)]}}"#
        let event = RotationEvent.widened(
            workloads: [PlannedWorkload("w")],
            hooks: [PlannedHook("h", kind: "site")],
            at: Date(timeIntervalSinceReferenceDate: 7)
        )
        #expect(try JSONDecoder().decode(RotationEvent.self, from: Data(text.utf8)) == event)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(event), as: UTF8.self) == text)
    }

    // The old credential was ended while the latest version of a configured carrier named it.
    @Test func `does not end the old one over a carrier that was added`() throws {
        var rotation = try rotation(.alternate, before: .retire("old"))
        var present = present(rotation.plan)
        #expect(rotation.holdUp(over: present, at: start, in: rotation.lane) == nil)
        let added = SecretReference(vault: "west", name: "added")
        present.carriers.append(PlannedCarrier(added))
        let event = try #require(rotation.holdUp(over: present, at: start, in: rotation.lane))
        rotation.fold(event)
        #expect(rotation.stuckReason?.hasPrefix("carrier west/added was added") == true)
        #expect(rotation.next(at: start, in: rotation.lane) == .hold)
        #expect(rotation.holdUp(over: present, at: start, in: rotation.lane) == nil)
    }
}
