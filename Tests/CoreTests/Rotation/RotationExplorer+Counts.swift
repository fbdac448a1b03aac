import SagaModel

@testable import RekeyCore

extension RotationExplorer {
    /// Explores without the counts that decide nothing any more.
    init(
        _ rotation: Rotation,
        joining: RotationEvent? = nil,
        lateCompromise: RotationReason? = nil
    ) {
        self.init(
            rotation,
            joining: joining,
            lateCompromise: lateCompromise,
            forgetting: Self.cutOffCounts
        )
    }

    private static func cutOffCounts(of rotation: inout Rotation) {
        rotation.number = 0
        rotation.probes = nil
        let attempts = rotation.plan.policy.callAttempts
        rotation.failures = min(rotation.failures, attempts)
        for index in rotation.hooks.indices {
            rotation.hooks[index].failures = min(rotation.hooks[index].failures, 1)
        }
        let revocationFailures = rotation.revocation?.failures ?? 0
        rotation.revocation?.failures = min(revocationFailures, 1)
        rotation.revocation?.retryAt = nil
    }
}
