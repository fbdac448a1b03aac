import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `A gate and the end of the old credential` {
    private let now = Date(timeIntervalSince1970: 1_750_000_000)

    private func decision(
        endsIn seconds: Double,
        _ reason: RotationReason = .routine,
        needsApproval: Bool = true
    ) -> Admission {
        var policy = RotationPolicy(graceSeconds: 600, hookDeadlineSeconds: 300)
        policy.needsApproval = needsApproval
        let definition = CredentialDefinition(
            id: "orders",
            strategy: .alternate,
            target: "target",
            staging: SecretReference(vault: "staging", name: "staged"),
            carriers: [PlannedCarrier(SecretReference(vault: "app", name: "orders"))],
            hooks: [PlannedHook("hosts", kind: "site")],
            policy: policy
        )
        let carrier = AdmissionFacts.Carrier(latest: "v", expires: now + seconds)
        return Admission.decide(
            definition,
            for: AdmissionRequest(reason: reason, isHint: false),
            given: AdmissionFacts(carriers: [carrier]),
            at: now
        )
    }

    @Test func `is refused where hooks and grace leave no time for it`() {
        guard case .decline(let why) = decision(endsIn: 900) else {
            Issue.record("a gate was admitted that nobody can pass in time")
            return
        }
        #expect(why.hasPrefix("its approval does not fit"))
    }

    @Test func `is admitted where a moment is left, and for a compromise, which waits for none`() {
        let reason = RotationReason.compromise(versions: [], revokeBy: nil)
        let others = [
            decision(endsIn: 901), decision(endsIn: 1, reason),
            decision(endsIn: 1, needsApproval: false),
        ]
        for admission in others {
            guard case .accept = admission else {
                Issue.record("refused: \(admission)")
                continue
            }
        }
    }

    @Test func `closes in time for hooks and grace`() throws {
        let rotation = try rotationAtGate()
        #expect(rotation.next(at: now, in: rotation.lane) == .wait(until: now + 1_100))
    }

    @Test func `leads to no restore once the old credential has ended`() throws {
        let rotation = try rotationAtGate()
        let late = now + 2_000
        guard case .getStuck = rotation.next(at: late, in: rotation.lane),
            case .stuck = try rotation.event(for: .reject, by: "somebody", at: late)
        else {
            Issue.record("an ended credential is restored")
            return
        }
    }

    private func rotationAtGate() throws -> Rotation {
        guard case .accept(let plan) = decision(endsIn: 2_000) else {
            throw RotationSample.NoRotation()
        }
        let event = RotationEvent.accepted(plan, reason: .routine, by: "test", at: now)
        var rotation = try #require(Rotation("r", startingWith: event))
        while rotation.step != .verify {
            rotation.fold(try #require(Walk.best(for: rotation)))
        }
        rotation.fold(.askedForApproval(at: now))
        return rotation
    }
}
