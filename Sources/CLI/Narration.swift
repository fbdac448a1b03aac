import Foundation
import RekeyCore

/// What an event of a rotation means, in a line for its user.
enum Narration {
    /// nil for events that say nothing by themselves, such as an intent.
    static func line(for event: RotationEvent) -> String? {
        switch event {
        case .accepted(let plan, _, let by, _):
            "accepted   \(plan.strategy), asked by \(by), sequence \(plan.sequence)"
        case .intended: nil
        case .observed(let observation, _): line(for: observation)
        case .failed(let effect, let failure, _): "again      \(effect): \(failure)"
        case .finished(let step, _): "done       \(step)"
        case .gaveUp(let why, _): "goes back  \(why)"
        case .stuck(let why, _): "stuck      \(why)"
        case .askedForApproval: "waits      for an approval"
        case .approved(let by, _): "approved   by \(by)"
        case .rejected(let by, _): "rejected   by \(by)"
        case .resumed(_, let by, _): "resumed    by \(by)"
        case .abandoned(let by, _): "abandoned  by \(by)"
        case .madeUrgent(let by, _): "urgent     by \(by)"
        case .compromised(_, _, let by, _): "urgent     a compromise was declared by \(by)"
        case .revokeByPassed: "deadline   passed: the old credential dies, whoever still uses it"
        case .widened(let workloads, let hooks, _):
            "joined     "
                + (workloads.map { "workload \($0.name)" } + hooks.map { "hook \($0.name)" })
                .joined(separator: ", ")
        }
    }

    private static func line(for observation: Observation) -> String? {
        switch observation {
        case .staged(let version): "staged     as version \(version)"
        case .issued(let account): "issued     by the target as \(account)"
        case .installed: "applied    the target took the candidate"
        case .proved: "proved     signed in with the candidate"
        case .carrierWritten(_, let version): "promoted   as version \(version)"
        case .refreshed(let index): "reloaded   workload \(index)"
        case .evidence(let index, let level, let remark):
            "evidence   workload \(index): \(level)\(remark.map { ", \($0)" } ?? "")"
        case .hookEnded(let index, .succeeded(let text)): "hook       \(index) succeeded: \(text)"
        case .hookEnded(let index, .failed(let text)): "hook       \(index) failed: \(text)"
        case .silence(let silence): "silence    of the old credential: \(silence)"
        case .retired(let account), .revoked(let account): "revoked    \(account)"
        case .withdrawn(let account): "withdrawn  \(account), whose value was lost"
        case .valueLost: "lost       the issued value, with the process that held it"
        default: nil
        }
    }
}
