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
