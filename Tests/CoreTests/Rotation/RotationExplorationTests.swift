import Foundation
import RekeyCore
import Testing

@Suite(.timeLimit(.minutes(5))) struct `Every state that a rotation can come to` {
    @Test(arguments: Strategy.allCases, [RotationReason.routine, RotationSample.compromise])
    func `keeps the rules, and leads to an end`(
        strategy: Strategy,
        reason: RotationReason
    ) throws {
        let explorer = try RotationExplorer(strategy, reason: reason)
        let deadEnds = explorer.deadEnds
        let line =
            "rotation \(strategy)\(reason.isCompromise ? " compromised" : ""): "
            + "\(explorer.nodes.count) states, "
            + "\(explorer.transitions) transitions, \(explorer.violations.count) violations, "
            + "\(deadEnds.count) dead ends\n"
        FileHandle.standardError.write(Data(line.utf8))
        #expect(explorer.nodes.count < RotationExplorer.stateLimit)
        #expect(explorer.nodes.count > 100)
        let wrong = explorer.violations.prefix(5).joined(separator: "\n")
        #expect(explorer.violations.isEmpty, "\(wrong)")
        let stopped = deadEnds.prefix(5).map { explorer.path(to: $0) }.joined(separator: "\n")
        let count = deadEnds.count
        #expect(count == 0, "\(stopped)")
    }
}
