package import Foundation

/// What to do now about a rotation.
package enum Decision: Equatable, Sendable {
    /// Do this. For a deed without an open intent, the journal has to hold the intent first.
    case perform(Effect)
    /// Record that the step is done, which publishes its fact and ends this lane's turn.
    case finish(Step)
    /// Record that the rotation goes back, and why.
    case giveUp(String)
    /// Record that a person has to decide, and why.
    case getStuck(String)
    /// Record that the deadline of a compromise has passed, and whom that cuts off.
    case passRevokeBy
    /// Record that a person was asked.
    case askForApproval
    /// Set a timer, and come back then.
    case wait(until: Date)
    /// Nothing moves before an outside event: an approval, a command, another lane.
    case hold
    /// Not this lane's turn, or over.
    case nothing
}

/// A queue's share of a rotation: the steps are one line; each hook kind runs beside it.
package enum Lane: Hashable, Sendable, CustomStringConvertible {
    case step(Step)
    case hook(kind: String)
    /// Ends a compromised credential at its deadline, whatever the steps wait for.
    case revocation

    package var description: String {
        switch self {
        case .step(let step): step.rawValue
        case .hook(let kind): "hook.\(kind)"
        case .revocation: Self.revocationName
        }
    }

    /// Reads a lane's name back.
    package init?(_ name: String) {
        if name.hasPrefix("hook.") {
            self = .hook(kind: String(name.dropFirst("hook.".count)))
        } else if name == Self.revocationName {
            self = .revocation
        } else if let step = Step(rawValue: name) {
            self = .step(step)
        } else {
            return nil
        }
    }

    private static let revocationName = "revocation"
}
