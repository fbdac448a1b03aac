package import RekeyCore

/// The way through a rotation on which all goes well.
package enum Walk {
    /// What is recorded next when all goes well; nil at the end.
    package static func best(for rotation: Rotation) -> RotationEvent? {
        let at = RotationSample.start
        for lane in [rotation.lane, .hook(kind: "site")] {
            switch rotation.next(at: at, in: lane) {
            case .perform(let effect):
                let open = rotation.intent(inLaneOf: effect)
                if let open { return EffectOutcomes.best(of: open.effect, in: rotation) }
                if effect.isDeed { return .intended(effect, at: at, deadline: at) }
                return EffectOutcomes.best(of: effect, in: rotation)
            case .finish(let step): return .finished(step, at: at)
            case .giveUp, .getStuck, .askForApproval, .passRevokeBy, .wait, .hold, .nothing:
                continue
            }
        }
        return nil
    }
}
