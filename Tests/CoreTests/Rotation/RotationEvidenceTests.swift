import Foundation
import RekeyCore
import SagaModel
import Testing

/// Who has not shown enough is named, and the old credential lives for as long.
@Suite struct `A rotation whose evidence is missing` {
    private let start = RotationSample.start

    /// A rotation that asks its only workload for evidence, in verify or in retire.
    private func asking(_ feed: PlannedWorkload.Feed) throws -> Rotation {
        var plan = RotationSample.plan(.alternate)
        plan.workloads[0].deliveredBy = feed
        plan.workloads[0].needs = .proved
        let request = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: request))
        while rotation.next(at: start, in: rotation.lane) != .perform(.observe(0)) {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        return rotation
    }

    @Test func `goes back, and says who showed what`() throws {
        var rotation = try asking(.vault)
        let late = start + rotation.plan.policy.verifyDeadlineSeconds + 1
        rotation.fold(.observed(.evidence(0, .healthy, remark: "another value"), at: late))
        let why = "verify: workload reads-everyone showed healthy of proved, another value"
        #expect(rotation.next(at: late, in: rotation.lane) == .giveUp(why))
    }

    // It asked for ever, and told nobody.
    @Test func `of a hook's workload keeps the old one, and gets stuck by name`() throws {
        var rotation = try asking(.hook)
        #expect(rotation.step == .retire)
        let policy = rotation.plan.policy
        rotation.fold(.observed(.evidence(0, .healthy), at: start))
        #expect(rotation.next(at: start + 1, in: rotation.lane) == .perform(.observe(0)))
        let late = start + policy.graceSeconds + policy.verifyDeadlineSeconds + 1
        rotation.fold(.observed(.evidence(0, .healthy), at: late))
        let why = "retire: workload reads-everyone showed healthy of proved"
        #expect(rotation.next(at: late, in: rotation.lane) == .getStuck(why))
        rotation.fold(.stuck(why, at: late))
        #expect(rotation.next(at: late, in: rotation.lane) == .hold)
        #expect(rotation.debts.allSatisfy { !$0.isPaid })

        rotation.fold(.resumed(rebase: false, by: "ops", at: late))
        #expect(rotation.next(at: late, in: rotation.lane) == .perform(.observe(0)))
        rotation.fold(.observed(.evidence(0, .proved), at: late))
        #expect(rotation.next(at: late, in: rotation.lane) == .perform(.reprove))
    }

    // Verifiers dropped the old value though nobody had asked whether a hook's caller sent the new.
    @Test func `of a hook's caller keeps the value that verifiers would drop`() throws {
        var plan = RotationSample.plan(.valueOnly)
        plan.workloads[1].deliveredBy = .hook
        let request = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: request))
        while rotation.step != .retire { rotation.fold(try #require(Walk.best(for: rotation))) }
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.observe(1)))
        rotation.fold(.observed(.evidence(1, .healthy), at: start))
        #expect(rotation.next(at: start, in: rotation.lane) == .perform(.readCarrier(0)))
    }

    @Test func `is asked before anybody is alarmed, however long nobody worked on it`() throws {
        let rotation = try asking(.hook)
        let late = RotationSample.late + 86_400
        #expect(rotation.next(at: late, in: rotation.lane) == .perform(.observe(0)))
    }

    // A worker that was away for longer than the deadline went back without having asked.
    @Test func `is asked once more where the deadline passed while nobody worked`() throws {
        var rotation = try asking(.vault)
        rotation.fold(.observed(.evidence(0, EvidenceLevel.none), at: start + 1))
        let late = start + rotation.plan.policy.verifyDeadlineSeconds + 1
        #expect(rotation.next(at: late, in: rotation.lane) == .perform(.observe(0)))
        var shown = rotation
        shown.fold(.observed(.evidence(0, .proved), at: late))
        if case .giveUp(let why) = shown.next(at: late, in: shown.lane) { Issue.record("\(why)") }
        rotation.fold(.observed(.evidence(0, EvidenceLevel.none), at: late))
        let why = "verify: workload reads-everyone showed none of proved"
        #expect(rotation.next(at: late, in: rotation.lane) == .giveUp(why))
    }

    @Test func `because the old account is in use gets stuck by that account's name`() throws {
        var rotation = try asking(.hook)
        rotation.fold(.observed(.evidence(0, .proved), at: start))
        while rotation.next(at: start, in: rotation.lane) != .perform(.observeSilence) {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        rotation.fold(.observed(.silence(.inUse), at: start))
        #expect(rotation.next(at: start + 1, in: rotation.lane) == .perform(.observeSilence))
        rotation.fold(.observed(.silence(.inUse), at: RotationSample.late))
        let why = "retire: account old is still in use"
        #expect(rotation.next(at: RotationSample.late, in: rotation.lane) == .getStuck(why))
    }

    @Test func `is read from a journal that knew no remarks`() throws {
        let old = Data(#"{"evidence":{"_0":0,"_1":"healthy"}}"#.utf8)
        let seen = try JSONDecoder().decode(Observation.self, from: old)
        #expect(seen == .evidence(0, .healthy))
    }
}
