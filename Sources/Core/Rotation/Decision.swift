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

    package var description: String {
        switch self {
        case .step(let step): step.rawValue
        case .hook(let kind): "hook.\(kind)"
        }
    }

    /// Reads a lane's name back.
    package init?(_ name: String) {
        if name.hasPrefix("hook.") {
            self = .hook(kind: String(name.dropFirst("hook.".count)))
        } else if let step = Step(rawValue: name) {
            self = .step(step)
        } else {
            return nil
        }
    }
}
