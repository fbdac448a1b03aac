import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `A rotation's history` {
    @Test(arguments: Strategy.allCases)
    func `leads to the same next decision from every prefix`(strategy: Strategy) throws {
        var rotation = try RotationSample.rotation(strategy)
        let at = RotationSample.start
        var history = [
            RotationEvent.accepted(rotation.plan, reason: .routine, by: "test", at: at)
        ]
        while let event = Walk.best(for: rotation) {
            #expect(rotation.fits(event))
            rotation.fold(event)
            #expect(rotation.isWhole)
            history.append(event)
            try #require(history.count < 200, "it does not end")
            let replayed = try #require(Rotation(rotation.id, replaying: history))
            #expect(replayed == rotation)
            let stored = try JSONEncoder().encode(rotation)
            let read = try JSONDecoder().decode(Rotation.self, from: stored)
            for lane in [rotation.lane, .hook(kind: "site")] {
                let expected = rotation.next(at: at, in: lane)
                #expect(replayed.next(at: at, in: lane) == expected)
                #expect(read.next(at: at, in: lane) == expected)
            }
        }
        #expect(rotation.end == .closed)
    }

    @Test(arguments: Strategy.allCases)
    func `takes the steps of its strategy, in order`(strategy: Strategy) throws {
        var rotation = try RotationSample.rotation(strategy)
        var finished: [Step] = []
        while let event = Walk.best(for: rotation) {
            rotation.fold(event)
            if case .finished(let step, _) = event { finished.append(step) }
        }
        // The step `hook` ends with the last required hook, and has no end of its own.
        let declared = strategy.phases.flatMap(\.self).filter { $0 != .hook }
        #expect(finished.filter { $0 != .hook } == declared)
    }

    @Test(arguments: Strategy.allCases)
    func `absorbs what comes after its end`(strategy: Strategy) throws {
        var rotation = try RotationSample.rotation(strategy)
        while let event = Walk.best(for: rotation) { rotation.fold(event) }
        for step in Step.allCases {
            #expect(rotation.next(at: RotationSample.late, in: .step(step)) == .nothing)
        }
        let end = rotation.end
        rotation.fold(.finished(rotation.step, at: RotationSample.late))
        rotation.fold(.gaveUp("late", at: RotationSample.late))
        rotation.fold(.abandoned(by: "test", at: RotationSample.late))
        #expect(rotation.end == end)
    }
}
