import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `A rotation that goes back` {
    // It counted the repeated reload of the new value as the reload of the old one, and waited
    // for ever for evidence that could not come.
    @Test func `forgets a reload that was under way`() throws {
        var rotation = try reaching(.addThenRemove) { effect in effect == .refresh(0) }
        rotation.fold(.failed(.refresh(0), StepFailure(.unknown, "lost"), at: start))
        #expect(rotation.intent != nil)
        rotation.fold(.gaveUp("rolled back", at: start))
        #expect(rotation.intent == nil)
        #expect(rotation.workloads[0].refreshedPass < rotation.pass)
    }

    // A reload that restarts what it is sent to was called once a minute without end.
    @Test func `gets stuck over a reload that fails for as long as evidence may take`() throws {
        var rotation = try reaching(.addThenRemove) { effect in effect == .refresh(0) }
        rotation.fold(.gaveUp("rolled back", at: start))
        while rotation.next(at: start, in: rotation.lane) != .perform(.refresh(0)) {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        let failure = StepFailure(.transient, "reload answered 503")
        let deadline = start + rotation.plan.policy.verifyDeadlineSeconds
        rotation.fold(.intended(.refresh(0), at: start, deadline: start))
        rotation.fold(.failed(.refresh(0), failure, at: deadline - 1))
        #expect(rotation.next(at: deadline + 60, in: rotation.lane) == .perform(.refresh(0)))
        rotation.fold(.failed(.refresh(0), failure, at: deadline + 60))
        let decision = rotation.next(at: deadline + 120, in: rotation.lane)
        #expect(decision == .getStuck("restore: reload answered 503"))
    }

    // A write of the new value that had landed was taken for somebody else's.
    @Test func `recognises its own write of the new value`() throws {
        var rotation = try reaching(.alternate) { effect in effect == .writeCarrier(0) }
        let key = rotation.naturalKey(of: .writeCarrier(0))
        rotation.fold(.failed(.writeCarrier(0), StepFailure(.unknown, "lost"), at: start))
        rotation.fold(.gaveUp("rolled back", at: start))
        #expect(rotation.naturalKey(of: .writeCarrier(0)) == key)
        rotation.fold(.observed(.carrierRead(0, latest: "landed", isOurs: true), at: start))
        #expect(rotation.stuckReason == nil)
        #expect(rotation.carriers[0].pass == 1)
        #expect(rotation.next(at: start, in: .step(.restore)) == .perform(.writeCarrier(0)))
        #expect(rotation.naturalKey(of: .writeCarrier(0)) != key)
    }

    // A write whose answer was lost landed after it had been made again: it was taken for somebody
    // else's, or undid what came after it.
    @Test func `waits for a write that was made again, and knows it`() throws {
        var rotation = try reaching(.alternate) { effect in effect == .writeCarrier(0) }
        let key = rotation.naturalKey(of: .writeCarrier(0)).text
        let base = rotation.carriers[0].latest
        rotation.fold(.intended(.writeCarrier(0), at: start, deadline: start + 30))
        rotation.fold(.failed(.writeCarrier(0), StepFailure(.unknown, "lost"), at: start))
        rotation.fold(.observed(.carrierRead(0, latest: base, isOurs: false), at: start + 1))
        rotation.fold(.intended(.writeCarrier(0), at: start + 1, deadline: start + 31))
        rotation.fold(.observed(.carrierWritten(0, "again"), at: start + 1))
        #expect(!rotation.isEarlierWrite(key, of: 0))
        rotation.fold(.gaveUp("rolled back", at: start + 2))
        #expect(rotation.next(at: start + 2, in: .step(.restore)) == .wait(until: start + 30))
        #expect(rotation.next(at: start + 30, in: .step(.restore)) == .perform(.readCarrier(0)))
        #expect(rotation.isEarlierWrite(key, of: 0))
        rotation.fold(.observed(.carrierWritten(0, "restored"), at: start + 30))
        #expect(!rotation.isEarlierWrite(key, of: 0))
    }

    // Nothing counted as promoted, so that nothing was put back, and the candidate stayed.
    @Test func `puts a carrier back whose write was given up and may land yet`() throws {
        var rotation = try reaching(.alternate) { effect in effect == .writeCarrier(0) }
        let key = rotation.naturalKey(of: .writeCarrier(0)).text
        let base = rotation.carriers[0].latest
        rotation.fold(.intended(.writeCarrier(0), at: start, deadline: start + 30))
        rotation.fold(.failed(.writeCarrier(0), StepFailure(.unknown, "lost"), at: start))
        rotation.fold(.observed(.carrierRead(0, latest: base, isOurs: false), at: start + 1))
        rotation.fold(.gaveUp("rolled back", at: start + 2))
        #expect(rotation.next(at: start + 2, in: .step(.restore)) == .wait(until: start + 30))
        #expect(rotation.isEarlierWrite(key, of: 0))
        rotation.fold(.observed(.carrierRead(0, latest: "late", isOurs: false), at: start + 30))
        #expect(rotation.stuckReason != nil)
    }

    // Verifiers dropped the new value while callers still sent it.
    @Test func `lets callers send the old value before verifiers drop the new one`() throws {
        var rotation = try reaching(.valueOnly) { effect in effect == .observe(1) }
        rotation.fold(.gaveUp("no evidence", at: start))
        #expect(rotation.currentPass.audience == .callers)
        #expect(rotation.currentPass.content == .previous)
        var written: [Int] = []
        while let event = Walk.best(for: rotation) {
            if case .intended(.writeCarrier(let index), _, _) = event { written.append(index) }
            rotation.fold(event)
        }
        #expect(written == [1, 0])
        #expect(rotation.end == .rolledBack)
    }

    // The candidate's key stayed accepted, and the key in use stayed a debt.
    @Test func `ends the other key, and owes nothing`() throws {
        var rotation = try reaching(.dualKey) { effect in effect == .observe(0) }
        rotation.fold(.gaveUp("no evidence", at: start))
        #expect(rotation.debts.map(\.account) == ["new"])
        var retired: [Effect] = []
        while let event = Walk.best(for: rotation) {
            if case .intended(.retire(let account), _, _) = event {
                retired.append(.retire(account))
            }
            rotation.fold(event)
        }
        #expect(retired == [.retire("new")])
        let isPaid = rotation.debts.allSatisfy(\.isPaid)
        #expect(isPaid)
    }

    // Only the last attempt's version was disabled.
    @Test func `remembers what earlier attempts staged`() throws {
        var rotation = try reaching(.alternate) { effect in effect == .install }
        rotation.fold(.failed(.install, StepFailure(.refused, "policy"), at: start))
        rotation.fold(.observed(.probed(candidate: false, previous: true), at: start))
        #expect(rotation.step == .stage)
        #expect(rotation.candidate.staged == nil)
        #expect(rotation.candidate.discarded == ["staged-1"])
    }

    // The candidate was listed as the debt, though every carrier still named it.
    @Test(arguments: [Strategy.addThenRemove, .alternate, .dualKey])
    func `owes what no carrier names, when it is abandoned`(strategy: Strategy) throws {
        var rotation = try reaching(strategy) { effect in effect == .observe(0) }
        rotation.fold(.gaveUp("no evidence", at: start))
        let candidate = try #require(rotation.candidate.account)
        var abandoned = rotation
        abandoned.fold(.abandoned(by: "test", at: start))
        #expect(abandoned.debts.map(\.account) == ["old"])
        // A write under way may land: both may be what a carrier names.
        rotation.fold(.intended(.writeCarrier(0), at: start, deadline: start))
        abandoned = rotation
        abandoned.fold(.abandoned(by: "test", at: start))
        #expect(abandoned.debts.isEmpty)
        rotation.fold(.observed(.carrierWritten(0, "restored"), at: start))
        rotation.fold(.abandoned(by: "test", at: start))
        #expect(rotation.debts.map(\.account) == [candidate])
    }

    // The previous account was a debt too, though no carrier named the candidate yet.
    @Test func `owes the candidate alone, when it is abandoned before it is promoted`() throws {
        var rotation = try reaching(.alternate) { effect in effect == .prove }
        rotation.fold(.abandoned(by: "test", at: start))
        #expect(rotation.debts.map(\.account) == ["new"])
    }

    // It ended at rest, without a debt and without a word: the target took only the candidate,
    // which no carrier named.
    @Test func `is not given up where nobody could sign in any more`() throws {
        var rotation = try reaching(.replace) { effect in effect == .prove }
        #expect(throws: CommandRefusal.self) { try self.abandoned(rotation) }
        rotation.fold(.gaveUp("prove: refused", at: start))
        rotation.fold(.stuck("restore: no right", at: start))
        #expect(throws: CommandRefusal.self) { try self.abandoned(rotation) }
        rotation.fold(.observed(.previousReinstalled, at: start))
        let event = try abandoned(rotation)
        #expect(event.date == start)
    }

    @Test func `is given up all the same by whoever insists`() throws {
        let rotation = try reaching(.replace) { effect in effect == .prove }
        let event = try rotation.event(for: .abandon(isForced: true), by: "test", at: start)
        #expect(event == .abandoned(by: "test", at: start))
    }

    // The target took the previous value again, and the carrier still named the candidate.
    @Test func `is not given up before the previous value is where it is read`() throws {
        var rotation = try reaching(.replace) { effect in effect == .observe(0) }
        rotation.fold(.gaveUp("no evidence", at: start))
        rotation.fold(.intended(.reinstall, at: start, deadline: start))
        rotation.fold(.observed(.previousReinstalled, at: start))
        #expect(throws: CommandRefusal.self) { try self.abandoned(rotation) }
    }

    @Test(arguments: Strategy.allCases)
    func `is given up where every carrier names what the target takes`(strategy: Strategy) throws {
        let rotation = try reaching(strategy) { effect in effect == .observe(0) }
        let before = try RotationSample.rotation(strategy)
        for each in [before, rotation] {
            let event = try abandoned(each)
            #expect(event.date == start)
        }
    }

    private func abandoned(_ rotation: Rotation) throws -> RotationEvent {
        try rotation.event(for: .abandon(isForced: false), by: "test", at: start)
    }

    private var start: Date { RotationSample.start }

    /// A rotation in which all went well until it is about to do `isThere`, or has just begun to.
    private func reaching(
        _ strategy: Strategy,
        _ isThere: (Effect) -> Bool
    ) throws -> Rotation {
        var rotation = try RotationSample.rotation(strategy)
        while let event = Walk.best(for: rotation) {
            if case .perform(let effect) = rotation.next(at: start, in: rotation.lane),
                !effect.isDeed, isThere(effect)
            {
                return rotation
            }
            rotation.fold(event)
            if case .intended(let effect, _, _) = event, isThere(effect) { return rotation }
        }
        return rotation
    }
}
