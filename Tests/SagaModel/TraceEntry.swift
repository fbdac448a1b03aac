package import RekeyCore

/// What a journal took of one rotation, in order.
package enum TraceEntry: Sendable {
    case claimed(epoch: Int64, holder: String)
    /// The events of one commit, and the claim that it was made under; nil for the first.
    case recorded([RotationEvent], epoch: Int64?)
}
