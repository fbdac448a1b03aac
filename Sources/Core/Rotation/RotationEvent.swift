package import Foundation

/// What happened to a rotation: past tense, and never a secret value.
package enum RotationEvent: Codable, Equatable, Sendable {
    /// Indirect: the plan is large, and every event would be as large as it.
    indirect case accepted(RotationPlan, reason: RotationReason, by: String, at: Date)
    /// The intent of a deed, written before it is done. Its call ends by `deadline`.
    case intended(Effect, at: Date, deadline: Date)
    case observed(Observation, at: Date)
    /// An effect did not succeed; for `unknown` the intent stays open.
    case failed(Effect, StepFailure, at: Date)
    case finished(Step, at: Date)
    /// The rotation cannot go on forwards: it goes back.
    case gaveUp(String, at: Date)
    /// Neither forwards nor back without a person.
    case stuck(String, at: Date)
    case askedForApproval(at: Date)
    case approved(by: String, at: Date)
    case rejected(by: String, at: Date)
    case resumed(rebase: Bool, by: String, at: Date)
    case abandoned(by: String, at: Date)
    case madeUrgent(by: String, at: Date)
    /// Somebody declared the value that is being replaced compromised, by `request`.
    case compromised(RotationReason, request: EventID, by: String, at: Date)
    /// The old credential is still accepted after the deadline of its compromise.
    case revokeByPassed(at: Date)
    /// The configuration has these by now, and the plan had not.
    case widened(workloads: [PlannedWorkload], hooks: [PlannedHook], at: Date)

    package var date: Date {
        switch self {
        case .accepted(_, _, _, let at), .intended(_, let at, _), .observed(_, let at),
            .failed(_, _, let at), .finished(_, let at), .gaveUp(_, let at), .stuck(_, let at),
            .askedForApproval(let at), .approved(_, let at), .rejected(_, let at),
            .resumed(_, _, let at), .abandoned(_, let at), .madeUrgent(_, let at),
            .compromised(_, _, _, let at), .revokeByPassed(let at), .widened(_, _, let at):
            at
        }
    }
}

/// Why a rotation was asked for.
package enum RotationReason: Codable, Equatable, Sendable {
    case routine
    /// These versions are known to others, and must be dead by the deadline where there is one.
    case compromise(versions: [VersionID], revokeBy: Date?)

    package var isCompromise: Bool { self != .routine }

    package var revokeBy: Date? {
        if case .compromise(_, let date) = self { date } else { nil }
    }

    /// Both together: every version that either names, by the earlier deadline.
    func joined(with other: RotationReason) -> RotationReason {
        guard case .compromise(let versions, let date) = self else { return other }
        guard case .compromise(let more, let otherDate) = other else { return self }
        let news = more.filter { !versions.contains($0) }
        let earliest = [date, otherDate].compactMap(\.self).min()
        return .compromise(versions: versions + news, revokeBy: earliest)
    }
}
