import Foundation
import RekeyCore
import SagaModel
import Testing

/// What was looked at long ago is no reason to revoke anything today.
@Suite struct `A rotation that revokes` {
    private let start = RotationSample.start

    private func reaching(_ strategy: Strategy, _ wanted: Decision) throws -> Rotation {
        var rotation = try RotationSample.rotation(strategy)
        while rotation.next(at: start, in: rotation.lane) != wanted {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        return rotation
    }

    // Somebody put the old string back while it was stuck, and `resume` revoked it.
    @Test(arguments: [Strategy.alternate, .addThenRemove])
    func `looks at everything again once it was resumed`(strategy: Strategy) throws {
        var rotation = try reaching(strategy, .perform(.retire("old")))
        rotation.fold(.intended(.retire("old"), at: start, deadline: start))
        let refusal = StepFailure(.permanent, "403")
        rotation.fold(.failed(.retire("old"), refusal, at: start))
        rotation.fold(.stuck("retire: 403", at: start))
        rotation.fold(.resumed(rebase: false, by: "ops", at: start))
        var looks: [Effect] = []
        while case .perform(let effect) = rotation.next(at: start, in: rotation.lane) {
            looks.append(effect)
            guard !effect.isDeed else { break }
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        #expect(looks == [.reprove, .observeSilence, .readCarrier(0), .retire("old")])
    }

    @Test func `reads its carriers after the old one fell silent, and after each refusal`() throws {
        var rotation = try reaching(.alternate, .perform(.observeSilence))
        rotation.fold(.observed(.silence(.inUse), at: start))
        rotation.fold(.observed(.silence(.unused), at: start))
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.readCarrier(0)))
        rotation = try reaching(.alternate, .perform(.retire("old")))
        rotation.fold(.intended(.retire("old"), at: start, deadline: start))
        rotation.fold(.failed(.retire("old"), StepFailure(.unknown, "lost"), at: start))
        rotation.fold(.observed(.retiredLooked(isAccepted: true), at: start))
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.reprove))
    }

    // The look from before the write that put the previous value back counted as one after it.
    @Test func `reads its carriers after the write that went back`() throws {
        var rotation = try reaching(.addThenRemove, .perform(.observe(0)))
        rotation.fold(.gaveUp("no evidence", at: start))
        var events: [String] = []
        while let event = Walk.best(for: rotation) {
            switch event {
            case .observed(.carrierRead, _): events.append("read")
            case .observed(.carrierWritten, _): events.append("written")
            case .intended(.retire, _, _): events.append("retire")
            default: break
            }
            rotation.fold(event)
        }
        #expect(rotation.end == .rolledBack)
        #expect(events.suffix(3) == ["written", "read", "retire"])
    }

    // It said "accepted", and went on from a version of which nobody knew what it names.
    @Test func `is not rebased where nothing is written any more`() throws {
        var rotation = try reaching(.addThenRemove, .perform(.observe(0)))
        rotation.fold(.gaveUp("no evidence", at: start))
        var isWritten = false
        let read = Decision.perform(.readCarrier(0))
        while !isWritten || rotation.next(at: start, in: rotation.lane) != read {
            let event = try #require(Walk.best(for: rotation))
            if case .observed(.carrierWritten, _) = event { isWritten = true }
            rotation.fold(event)
        }
        rotation.fold(.observed(.carrierRead(0, latest: "by hand", isOurs: false), at: start))
        #expect(rotation.stuckReason?.hasPrefix("drift") == true)
        #expect(throws: CommandRefusal.self) {
            try rotation.event(for: .resume(rebase: true), by: "ops", at: start)
        }
    }

    // A carrier that was written already was never looked at for drift again.
    @Test func `takes another's version only where it was to be written, and once`() throws {
        var plan = RotationSample.plan(.alternate)
        plan.carriers.append(
            PlannedCarrier(
                SecretReference(vault: "west", name: "carrier"),
                format: .bare,
                base: "base-west"
            )
        )
        let request = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: request))
        while rotation.next(at: start, in: rotation.lane) != .perform(.readCarrier(1)) {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        rotation.fold(.observed(.carrierRead(1, latest: "drift", isOurs: false), at: start))
        #expect(rotation.stuckReason != nil)
        rotation.fold(.resumed(rebase: true, by: "ops", at: start))
        #expect(rotation.carriers.map(\.isRebasing) == [false, true])
        rotation.fold(.observed(.carrierRead(1, latest: "drift", isOurs: false), at: start))
        #expect(rotation.carriers.map(\.isRebasing) == [false, false])
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.writeCarrier(1)))
        while rotation.step != .retire { rotation.fold(try #require(Walk.best(for: rotation))) }
        rotation.fold(.observed(.carrierRead(0, latest: "by hand", isOurs: false), at: start))
        #expect(rotation.stuckReason?.hasPrefix("drift") == true)
    }

    // What Entra had made under another id stayed accepted, and nobody knew of it.
    @Test func `owes what the target made and nobody has the value of, where it is abandoned`()
        throws
    {
        var rotation = try reaching(.addThenRemove, .perform(.issue))
        rotation.fold(.intended(.issue, at: start, deadline: start))
        rotation.fold(.failed(.issue, StepFailure(.unknown, "lost"), at: start))
        #expect(throws: CommandRefusal.self) {
            try rotation.event(for: .abandon(isForced: false), by: "ops", at: start)
        }
        _ = try rotation.event(for: .abandon(isForced: true), by: "ops", at: start)
        rotation.fold(.observed(.issuedFound(["lost"]), at: start))
        let abandoned = try rotation.event(for: .abandon(isForced: false), by: "ops", at: start)
        rotation.fold(abandoned)
        #expect(rotation.debts.map(\.account) == ["lost"])
    }

    @Test func `is trouble where nothing has succeeded for as long as evidence may take`() throws {
        var plan = RotationSample.plan(.alternate)
        plan.policy.longestBackoffSeconds = 60
        let request = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: request))
        while rotation.step != .retire { rotation.fold(try #require(Walk.best(for: rotation))) }
        let failure = StepFailure(.transient, "no answer")
        for count in 1...9 {
            #expect(rotation.troubledReason == nil, "\(count)")
            rotation.fold(.failed(.reprove, failure, at: start))
        }
        #expect(rotation.troubledReason == "retire: no answer")
        rotation.fold(.observed(.proved, at: start))
        #expect(rotation.troubledReason == nil)
    }

    // It said "accepted", and the rotation stayed stuck.
    @Test func `goes on once it is approved, though nobody had answered in time`() throws {
        var rotation = try reaching(.alternate, .perform(.observe(0)))
        rotation.fold(.askedForApproval(at: start))
        #expect(rotation.awaitsApproval)
        rotation.fold(.stuck("nobody approved in time", at: start))
        rotation.fold(
            try rotation.event(for: .approve(plan: rotation.planDigest), by: "ops", at: start)
        )
        #expect(rotation.stuckReason == nil)
    }

    // A compromise goes by without an answer, and a late `reject` stopped it.
    @Test func `asks nobody any more where its value was compromised`() throws {
        var rotation = try reaching(.alternate, .perform(.observe(0)))
        rotation.fold(.askedForApproval(at: start))
        let declared = RotationSample.compromise
        rotation.fold(.compromised(declared, request: "r", by: "ops", at: start))
        #expect(!rotation.awaitsApproval)
        #expect(throws: CommandRefusal.self) {
            try rotation.event(for: .reject, by: "ops", at: start)
        }
    }
}
