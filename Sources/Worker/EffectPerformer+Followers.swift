import Foundation
import RekeyCore
import RekeyPorts

extension EffectPerformer {
    func refresh(_ index: Int, _ rotation: Rotation) async throws(StepFailure) -> Observation {
        let workload = try adapters.workload(rotation.plan.workloads[index].name)
        try await workload.refresh(order(index, rotation))
        return .refreshed(index)
    }

    func evidence(of index: Int, _ rotation: Rotation) async throws(StepFailure) -> Observation {
        let workload = try adapters.workload(rotation.plan.workloads[index].name)
        return .evidence(index, try await workload.observe(order(index, rotation)))
    }

    private func order(_ index: Int, _ rotation: Rotation) -> WorkloadOrder {
        WorkloadOrder(
            key: rotation.naturalKey(of: .refresh(index)),
            credential: rotation.plan.credential,
            carriers: carrierVersions(of: rotation)
        )
    }

    /// More than the passes that one rotation can have.
    private static let passesPerSequence = 16

    /// Starts a hook or follows it; a value is read only for a hook that needs one.
    func hook(
        _ index: Int,
        _ effect: Effect,
        _ rotation: Rotation
    ) async throws(StepFailure) -> Observation {
        let hook = try adapters.hook(rotation.plan.hooks[index].name)
        let deadline =
            rotation.deadline(ofHook: index) ?? clock.now + rotation.plan.policy.hookDeadlineSeconds
        var value: Secret?
        if case .startHook = effect, hook.needsValue {
            value =
                rotation.isGoingBack
                ? try await previous(of: rotation)?.secret : try await candidate(of: rotation)
        }
        let order = HookOrder(
            key: rotation.naturalKey(of: .startHook(index)),
            rotation: rotation.id,
            credential: rotation.plan.credential,
            // Going back runs a hook again, with a value that has to count as the newer one.
            sequence: rotation.plan.sequence * Self.passesPerSequence + rotation.hookPass,
            carriers: carrierVersions(of: rotation),
            account: rotation.isGoingBack
                ? rotation.plan.previousAccount : rotation.candidate.account,
            value: value,
            deadline: deadline
        )
        if case .startHook = effect {
            try await hook.start(order)
            return .hookStarted(index)
        }
        switch try await hook.follow(order) {
        case .notStarted: return .hookNotStarted(index)
        case .succeeded(let evidence): return .hookEnded(index, .succeeded(evidence))
        case .failed(let reason): return .hookEnded(index, .failed(reason))
        case .running:
            guard clock.now < deadline else {
                return .hookEnded(index, .failed("no end within its deadline"))
            }
            return .hookRunning(index)
        }
    }
}
