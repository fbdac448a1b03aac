import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `A rotation that goes back from whom a hook feeds` {
    private var start: Date { RotationSample.start }

    // It ended what the host holds by the word of the hook alone; and the hook, begun before the
    // carriers were as before, handed the candidate on once more.
    @Test(arguments: [Strategy.addThenRemove, .alternate])
    func `restores, hands on, asks, and only then ends the new credential`(
        strategy: Strategy
    ) throws {
        var rotation = try handedOn(strategy)
        rotation.fold(.gaveUp("rolled back", at: start))
        #expect(rotation.next(at: start, in: .hook(kind: "site")) == .nothing)
        var names: [String] = []
        while let event = Walk.best(for: rotation) {
            switch event {
            case .intended(.writeCarrier, _, _): names.append("write")
            case .intended(.startHook, _, _): names.append("hand on")
            case .intended(.retire, _, _): names.append("end")
            case .observed(.evidence(1, _, remark: _), _): names.append("ask")
            default: break
            }
            rotation.fold(event)
        }
        #expect(rotation.end == .rolledBack)
        #expect(names == ["write", "hand on", "ask", "end"])
    }

    @Test func `asks nobody whom no hook handed anything`() throws {
        var rotation = try handedOn(.alternate, until: { $0.step == .verify })
        rotation.fold(.gaveUp("rolled back", at: start))
        while let event = Walk.best(for: rotation) {
            if case .observed(.evidence(1, _, remark: _), _) = event {
                Issue.record("it was asked")
            }
            rotation.fold(event)
        }
        #expect(rotation.end == .rolledBack)
    }

    /// A rotation whose hook has handed the new value to the second of its workloads.
    private func handedOn(
        _ strategy: Strategy,
        until isThere: (Rotation) -> Bool = {
            $0.step == .retire && $0.requiredHooksSucceeded
        }
    ) throws -> Rotation {
        var plan = RotationSample.plan(strategy)
        plan.workloads.append(PlannedWorkload("host", deliveredBy: .hook))
        let accepted = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: accepted))
        while !isThere(rotation) { rotation.fold(try #require(Walk.best(for: rotation))) }
        return rotation
    }
}
