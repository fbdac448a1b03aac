package import RekeyCore

extension Rotation {
    /// The open intent beside which no other of the effect's own lane may be.
    package func intent(inLaneOf effect: Effect) -> Intent? {
        if let index = effect.hookIndex { return hooks[index].intent }
        return effect.isRevocation ? revocation?.intent : intent
    }
}
