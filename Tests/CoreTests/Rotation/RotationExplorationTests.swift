import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct `Every state that a rotation can come to` {
    @Test(arguments: Strategy.allCases, [RotationReason.routine, RotationSample.compromise])
    func `keeps the rules, and leads to an end, with one worker and with two`(
        strategy: Strategy,
        reason: RotationReason
    ) throws {
        let rotation = try RotationSample.rotation(strategy, reason: reason)
        try explore(rotation, "\(strategy)\(reason.isCompromise ? " compromised" : "")")
    }

    @Test func `keeps the rules, and leads to an end, where a person decides`() throws {
        try explore(try RotationSample.rotation(.alternate, needsApproval: true), "approved")
    }

    // A hook doubles the states often enough, so that only one of the strategies has it here.
    @Test(
        arguments: [
            (.replace, 0), (.alternate, 1), (.valueOnly, 0),
        ] as [(Strategy, Int)]
    )
    func `keeps the rules, and leads to an end, whenever somebody joins`(
        strategy: Strategy,
        hooks: Int
    ) throws {
        let rotation = try RotationSample.rotation(strategy, hooks: [], callAttempts: 1)
        let joining = RotationSample.joining(strategy, hooks: hooks)
        check(RotationExplorer(rotation, joining: joining), "\(strategy), widened")
    }

    // Its deadline was forgotten where the rotation went back. The two that are left out have
    // room for two credentials as `alternate` does, and as many states again.
    @Test(arguments: [Strategy.replace, .alternate, .valueOnly])
    func `keeps the rules, and leads to an end, where what it goes back to is compromised`(
        strategy: Strategy
    ) throws {
        // Beside a deadline a hook makes too many states, but for the smallest of them.
        let hooks = strategy == .replace ? nil : [PlannedHook]()
        let rotation = try RotationSample.rotation(strategy, hooks: hooks, callAttempts: 1)
        let explorer = RotationExplorer(rotation, lateCompromise: RotationSample.compromise)
        let passed = explorer.nodes.contains {
            $0.rotation.isGoingBack && $0.rotation.isPastRevokeBy
        }
        #expect(passed)
        check(explorer, "\(strategy), compromised going back")
    }

    @Test func `keeps its record by claims or by numbers, and not without both`() throws {
        let rotation = try RotationSample.rotation(.replace, needsApproval: true)
        let explorer = RotationExplorer(rotation)
        let mistakes: [WritableKeyPath<TwoWorkers.Guards, Bool>] = [
            \.comparesClaims, \.takeoverMovesEpoch, \.commandsClaim,
        ]
        for mistake in mistakes {
            var guards = TwoWorkers.Guards()
            guards[keyPath: mistake] = false
            #expect(TwoWorkers(explorer, guards: guards).violations.isEmpty, "\(mistake)")
            guards.comparesNumbers = false
            #expect(!TwoWorkers(explorer, guards: guards).violations.isEmpty, "\(mistake)")
        }
        // A claim that is made anew without a look would let an old view in.
        var guards = TwoWorkers.Guards()
        guards.comparesNumbers = false
        #expect(!TwoWorkers(explorer, guards: guards).violations.isEmpty)
    }

    private func explore(_ rotation: Rotation, _ name: String) throws {
        let explorer = RotationExplorer(rotation)
        check(explorer, name)
        pair(explorer, name)
    }

    private func check(_ explorer: RotationExplorer, _ name: String) {
        let deadEnds = explorer.deadEnds
        tell(
            "rotation \(name): \(explorer.nodes.count) states, "
                + "\(explorer.transitions) transitions, \(explorer.violations.count) violations, "
                + "\(deadEnds.count) dead ends"
        )
        #expect(explorer.nodes.count < RotationExplorer.stateLimit)
        #expect(explorer.nodes.count > 100)
        let wrong = explorer.violations.prefix(5).joined(separator: "\n")
        #expect(explorer.violations.isEmpty, "\(wrong)")
        let stopped = deadEnds.prefix(5).map { explorer.path(to: $0) }.joined(separator: "\n")
        let count = deadEnds.count
        #expect(count == 0, "\(stopped)")
    }

    private func pair(_ explorer: RotationExplorer, _ name: String) {
        let workers = TwoWorkers(explorer)
        let deadEnds = workers.deadEnds
        tell(
            "rotation \(name), two workers: \(workers.stateCount) states, "
                + "\(workers.transitions) transitions, \(workers.refusals) late commits refused, "
                + "\(workers.violations.count) violations, \(deadEnds) dead ends"
        )
        #expect(workers.stateCount > explorer.nodes.count)
        #expect(workers.refusals > 0)
        let wrong = workers.violations.prefix(5).joined(separator: "\n")
        #expect(workers.violations.isEmpty, "\(wrong)")
        #expect(deadEnds == 0)
    }

    private func tell(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}
