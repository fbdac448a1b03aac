package import RekeyCore

/// How one call to an in-memory target goes wrong.
package enum InMemoryFault: Sendable, Equatable {
    /// The call fails, and nothing changed.
    case before(StepFailure)
    /// The call takes effect, and then fails: the answer was lost.
    case after(StepFailure)

    /// The calls that can go wrong, named as in the ports.
    package enum Verb: String, Sendable, CaseIterable {
        case inspect, prove, accepts, retire, silence, preflight
        case install, issue, issued, regenerate, value
    }
}
