package import Foundation

/// What a person decides about one rotation.
package enum RotationCommand: Equatable, Sendable {
    /// Names the digest of what is approved: `Rotation.planDigest`.
    case approve(plan: String?)
    case reject
    /// With `rebase` it goes on from the documents that somebody else wrote meanwhile.
    case resume(rebase: Bool)
    case rollback
    /// With `isForced` also where that locks somebody out.
    case abandon(isForced: Bool)
    case urgent
    /// The value that is being replaced is known to others, as `request` says.
    case compromise(RotationReason, request: EventID)

    package var act: AccessPolicy.Act {
        switch self {
        case .urgent, .compromise: .compromise
        case .approve, .reject, .resume, .rollback, .abandon: .approve
        }
    }
}

/// Why a command changes nothing.
package struct CommandRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension Rotation {
    /// The event by which a command takes effect now; throws where it would not make sense.
    package func event(
        for command: RotationCommand,
        by person: String,
        at now: Date
    ) throws(CommandRefusal) -> RotationEvent {
        if let end { throw CommandRefusal("the rotation is over: \(end.rawValue)") }
        switch command {
        case .approve(let digest): return try approving(digest, by: person, at: now)
        case .reject: return try rejecting(by: person, at: now)
        case .resume(let rebase): return try resuming(rebase, by: person, at: now)
        case .rollback: return try rollingBack(by: person, at: now)
        case .abandon(let isForced): return try abandoning(isForced, by: person, at: now)
        case .urgent:
            if isUrgent { throw CommandRefusal("the rotation is urgent already") }
            return .madeUrgent(by: person, at: now)
        case .compromise(let reason, let request):
            return .compromised(reason, request: request, by: person, at: now)
        }
    }

    /// Whether a person was asked, and has not answered.
    package var awaitsApproval: Bool {
        // A compromise goes by without an answer.
        guard case .asked = approval, step == .verify, !reason.isCompromise else { return false }
        return !isOver && !isGoingBack
    }

    private func approving(
        _ digest: String?,
        by person: String,
        at now: Date
    ) throws(CommandRefusal) -> RotationEvent {
        guard awaitsApproval else { throw CommandRefusal("nobody was asked to approve") }
        guard let digest else {
            throw CommandRefusal("an approval has to name the plan that it is about")
        }
        guard digest == planDigest else {
            throw CommandRefusal("the plan is another by now: look at it again, then approve")
        }
        return .approved(by: person, at: now)
    }

    private func rejecting(
        by person: String,
        at now: Date
    ) throws(CommandRefusal) -> RotationEvent {
        guard awaitsApproval else { throw CommandRefusal("nobody was asked to approve") }
        guard !isPreviousOver(at: now), !reason.isCompromise else {
            // Going back would lead to a value that is dead, or known to others.
            let why = "rejected by \(person), and the previous credential is no way back"
            return .stuck(why, at: now)
        }
        return .rejected(by: person, at: now)
    }

    private func resuming(
        _ rebase: Bool,
        by person: String,
        at now: Date
    ) throws(CommandRefusal) -> RotationEvent {
        let hasFailedHook = hooks.contains { $0.hasEnded && !$0.hasSucceeded }
        guard stuckReason != nil || hasFailedHook || lastFailure != nil else {
            throw CommandRefusal("nothing holds the rotation")
        }
        guard rebase else { return .resumed(rebase: false, by: person, at: now) }
        guard stuckReason?.hasPrefix("drift") == true else {
            throw CommandRefusal("there is no drift to rebase on")
        }
        guard step == .promote || step == .restore, nextPromotion != nil else {
            // No further write follows here, so nobody would know what the newer document names.
            throw CommandRefusal(
                "in \(step) nothing is written any more: `rollback` goes back, and `abandon` "
                    + "leaves the old credential as a debt"
            )
        }
        return .resumed(rebase: true, by: person, at: now)
    }

    private func rollingBack(
        by person: String,
        at now: Date
    ) throws(CommandRefusal) -> RotationEvent {
        if isGoingBack { throw CommandRefusal("the rotation is going back already") }
        if reason.isCompromise {
            throw CommandRefusal("a compromised value is never restored: `abandon` or `resume`")
        }
        if isPreviousOver(at: now) {
            throw CommandRefusal("the previous credential has ended: nothing to go back to")
        }
        guard !hasBegunRevoking else {
            throw CommandRefusal("the previous credential is revoked, or is about to be")
        }
        return .gaveUp("rolled back by \(person)", at: now)
    }

    private func abandoning(
        _ isForced: Bool,
        by person: String,
        at now: Date
    ) throws(CommandRefusal) -> RotationEvent {
        guard isForced || !wouldLockOut else {
            throw CommandRefusal(
                "the target takes one value and a carrier names the other: `resume` or `rollback` "
                    + "brings them together, and `abandon --force` leaves its readers locked out"
            )
        }
        if case .issue = intent?.effect, !isForced {
            throw CommandRefusal(
                "the target was asked for a credential, and whether it made one is not known yet: "
                    + "wait until it answers, or `abandon --force` and look there for what is "
                    + "called after rotation \(id)"
            )
        }
        return .abandoned(by: person, at: now)
    }

    /// Whether a carrier names what the target, which takes one value only, does not take.
    private var wouldLockOut: Bool {
        guard !plan.strategy.overlaps else { return false }
        return namedContents.contains(candidate.mayBeLive ? .previous : .candidate)
    }

    func isPreviousOver(at now: Date) -> Bool {
        plan.previousEnd.map { $0 <= now } ?? false
    }

    /// Whether the previous credential may be dead already.
    private var hasBegunRevoking: Bool {
        if times.retiredAt != nil || checks.retired || step == .close { return true }
        if case .retire = intent?.effect { return true }
        guard step == .retire else { return false }
        return pass > plan.strategy.passesBeforeComplete
    }
}
