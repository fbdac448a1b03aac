import Foundation
import RekeyCore
import SagaModel
import Testing

@Suite struct `A gate and the end of the old credential` {
    private let now = Date(timeIntervalSince1970: 1_750_000_000)

    private func decision(endsIn seconds: Double) -> Admission {
        var policy = RotationPolicy(graceSeconds: 600, hookDeadlineSeconds: 300)
        policy.needsApproval = true
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
            for: AdmissionRequest(reason: .routine, isHint: true),
            given: AdmissionFacts(carriers: [carrier]),
            at: now
        )
    }

    @Test(arguments: [901, 900, 1, 0, -86_400])
    func `is asked for however near the end is, and after it`(seconds: Double) {
        guard case .accept = decision(endsIn: seconds) else {
            Issue.record("what ends in \(seconds) s is never rotated")
            return
        }
    }

    @Test func `closes in time for hooks and grace`() throws {
        let rotation = try rotationAtGate()
        #expect(rotation.next(at: now, in: rotation.lane) == .wait(until: now + 1_100))
    }

    @Test(arguments: [900, 1, -86_400])
    func `waits by its policy where hooks and grace fit no more`(seconds: Double) throws {
        let rotation = try rotationAtGate(endsIn: seconds)
        #expect(rotation.next(at: now, in: rotation.lane) == .wait(until: now + 86_400))
    }

    @Test func `is passed late by whoever was asked after the end`() throws {
        var rotation = try rotationAtGate(endsIn: -1)
        let late = now + 86_400
        guard case .getStuck(let why) = rotation.next(at: late, in: rotation.lane) else {
            Issue.record("an ended credential is restored")
            return
        }
        rotation.fold(.stuck(why, at: late))
        let digest = rotation.planDigest
        rotation.fold(try rotation.event(for: .approve(plan: digest), by: "somebody", at: late))
        #expect(rotation.next(at: late, in: rotation.lane) == .finish(.verify))
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

    private func rotationAtGate(endsIn seconds: Double = 2_000) throws -> Rotation {
        guard case .accept(let plan) = decision(endsIn: seconds) else {
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
