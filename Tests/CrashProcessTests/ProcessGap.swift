import Foundation
import RekeyCore

/// The gap that a completion reports beside the refusals that were seen from outside.
struct ProcessGap: Sendable {
    /// By the event that an outsider heard.
    let reported: Double
    /// From the first refusal's answer to the last one's question: never longer than the true gap.
    let seen: Double

    init(reported: Double, _ refusals: [ProcessObserver.Refusal]) {
        self.reported = reported
        let first = refusals.map(\.answered).min()
        let last = refusals.map(\.sent).max()
        seen = if let first, let last { max(0, last.timeIntervalSince(first)) } else { 0 }
    }

    /// What is wrong with refusals under a strategy without overlap: they have to lie between the
    /// beginning and the end of the gap that its rotation knows, and be no longer than it tells.
    func violations(
        of rotation: Rotation,
        _ refusals: [ProcessObserver.Refusal]
    ) -> [String] {
        guard let began = rotation.times.appliedAt, let ended = rotation.times.lastRefreshedAt
        else { return ["the rotation knows no gap"] }
        var wrong: [String] = []
        let early = refusals.count { $0.answered < began }
        let late = refusals.count { $0.sent > ended }
        if early > 0 { wrong.append("the workload is locked out before the gap, \(early) times") }
        if late > 0 { wrong.append("the workload is locked out after the gap, \(late) times") }
        if seen > reported { wrong.append("a gap of \(seen) s was seen, and \(reported) s told") }
        return wrong
    }
}
