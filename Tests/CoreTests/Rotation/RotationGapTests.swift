import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `The gap of a rotation` {
    private var start: Date { RotationSample.start }

    // A process that died over the installation left everybody locked out, and the gap was counted
    // from when the next process had looked: shorter than it was.
    @Test(arguments: [Observation.installed, .probed(candidate: true, previous: false)])
    func `begins before the call that applies the value`(seen: Observation) throws {
        var rotation = try RotationSample.rotation(.replace)
        while rotation.intent?.effect != .install {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        let opened = try #require(rotation.intent?.openedAt)
        rotation.fold(.observed(seen, at: opened + 30))
        while let event = Walk.best(for: rotation), rotation.times.lastRefreshedAt == nil {
            rotation.fold(event.isRefreshed ? .observed(.refreshed(0), at: opened + 40) : event)
        }
        #expect(rotation.gapSeconds == 40)
    }

    // Hybrid workers were locked out for as long as their hook took, and history told of seconds.
    @Test(arguments: [
        (PlannedWorkload.Feed.vault, true, 5.0), (.hook, true, 600), (.hook, false, 5),
    ])
    func `lasts until those have the value whom hooks feed`(
        feed: PlannedWorkload.Feed,
        isRequired: Bool,
        gap: Double
    ) throws {
        var plan = RotationSample.plan(.replace)
        plan.workloads = [PlannedWorkload("shop"), PlannedWorkload("hosts", deliveredBy: feed)]
        plan.hooks = [PlannedHook("hosts", kind: "site", isRequired: isRequired)]
        let event = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation("r", startingWith: event))
        while let event = Walk.best(for: rotation) {
            switch event {
            case .intended(.install, _, let deadline):
                rotation.fold(.intended(.install, at: start, deadline: deadline))
            case .observed(.refreshed(let index), _):
                rotation.fold(.observed(.refreshed(index), at: start + 5))
            case .observed(.hookEnded(let index, let end), _):
                rotation.fold(.observed(.hookEnded(index, end), at: start + 600))
            default: rotation.fold(event)
            }
        }
        #expect(rotation.end == .closed)
        #expect(rotation.gapSeconds == gap)
    }

    @Test(arguments: Strategy.allCases.filter(\.overlaps))
    func `is none where old and new are accepted together`(strategy: Strategy) throws {
        var rotation = try RotationSample.rotation(strategy)
        while let event = Walk.best(for: rotation) { rotation.fold(event) }
        #expect(rotation.end == .closed && rotation.gapSeconds == 0)
    }
}

extension RotationEvent {
    fileprivate var isRefreshed: Bool {
        if case .observed(.refreshed, _) = self { true } else { false }
    }
}
