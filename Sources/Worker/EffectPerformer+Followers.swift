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
        let planned = rotation.plan.workloads[index]
        let workload = try adapters.workload(planned.name)
        let value = workload.needsValue ? try await present(of: rotation) : nil
        let shown = try await workload.observe(order(index, rotation, value))
        guard let origin = planned.sessions else {
            return .evidence(index, shown.level, remark: shown.remark)
        }
        let seen = try await signIns(from: origin, rotation)
        return .evidence(index, seen.level(beside: shown), remark: seen.remark ?? shown.remark)
    }

    private func order(
        _ index: Int,
        _ rotation: Rotation,
        _ value: Secret? = nil
    ) -> WorkloadOrder {
        WorkloadOrder(
            key: rotation.naturalKey(of: .refresh(index)),
            credential: rotation.plan.credential,
            carriers: carrierVersions(of: rotation),
            value: value
        )
    }

    /// The value that workloads are to hold now: the candidate's, or the previous one's again.
    private func present(of rotation: Rotation) async throws(StepFailure) -> Secret? {
        rotation.isGoingBack
            ? try await previous(of: rotation)?.secret : try await candidate(of: rotation)
    }

    /// What the target says of a workload's sessions.
    private func signIns(
        from origin: SessionOrigin,
        _ rotation: Rotation
    ) async throws(StepFailure) -> SignIns {
        guard let target = try adapters.target(rotation.plan.target) as? any WatchingTarget else {
            throw StepFailure(.permanent, "the target does not see who signs in")
        }
        let seconds = rotation.secondsSinceAccepted(at: clock.now)
        let sessions = try await target.sessions(from: origin)
        let plan = rotation.plan
        let account =
            rotation.isGoingBack
            ? plan.previousAccount : rotation.candidate.account ?? plan.previousAccount
        guard let account else { return .unseen }
        return SignIns(judging: sessions, of: account, acceptedSecondsAgo: seconds)
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
            rotation.deadline(ofHook: index)
            ?? clock.now + rotation.plan.deadlineSeconds(ofHook: index)
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

extension SignIns {
    /// A contradiction is worth nothing, whatever the workload says of itself.
    fileprivate func level(beside shown: Evidence) -> EvidenceLevel {
        switch self {
        case .signedIn: max(shown.level, .signedIn)
        case .unseen: shown.level
        case .contradicted: .none
        }
    }

    fileprivate var remark: String? {
        switch self {
        case .signedIn: nil
        case .unseen: "the target sees no session of it under the new credential"
        case .contradicted(let account): "the target sees it sign in as \(account) still"
        }
    }
}
