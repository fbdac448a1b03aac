import Foundation
import Logging
import RekeyCore
import RekeyTelemetry

// What a turn says of its rotation, in the log and in the measures.
extension Turn {
    func tell(of rotation: Rotation, from before: Rotation) {
        let metadata: Logger.Metadata = [
            "rotation.id": "\(rotation.id)", "secret.name": "\(rotation.plan.credential)",
        ]
        if let end = rotation.end, before.end == nil {
            Measure.count(.rotations, ["outcome": end.rawValue])
            if end == .closed { Measure.seconds(.gapSeconds, rotation.gapSeconds) }
            let outcome: Logger.Metadata = ["outcome": "\(end)"]
            logger.info("a rotation ended", metadata: metadata.merging(outcome) { $1 })
        }
        if let revocation = rotation.revocation, revocation.passedAt != nil,
            before.revocation?.passedAt == nil
        {
            let cutOff = revocation.cutOff.joined(separator: ", ")
            logger.error(
                "a compromised credential dies at its deadline",
                metadata: metadata.merging(["cut.off": "\(cutOff)"]) { $1 }
            )
        }
        let why = rotation.heldReason ?? rotation.gaveUpReason
        let wasTold = before.heldReason ?? before.gaveUpReason
        if let why, why != wasTold {
            let message: Logger.Message =
                rotation.heldReason == nil ? "a rotation goes back" : "a person has to decide"
            logger.error(message, metadata: metadata.merging(["failure.reason": "\(why)"]) { $1 })
        }
    }

    func measureHook(_ index: Int, _ rotation: Rotation) {
        let outcome = rotation.hooks[index].hasSucceeded ? "succeeded" : "failed"
        let kind = rotation.plan.hooks[index].kind
        Measure.count(.hooks, ["kind": kind, "outcome": outcome])
    }

    func log(_ failure: StepFailure, _ effect: Effect, _ rotation: Rotation) {
        Measure.count(
            .stepFailures,
            ["kind": failure.kind.rawValue, "step": rotation.step.rawValue]
        )
        let level: Logger.Level = failure.kind == .permanent ? .error : .warning
        logger.log(
            level: level,
            "a call did not succeed",
            metadata: [
                "rotation.id": "\(rotation.id)", "secret.name": "\(rotation.plan.credential)",
                "step": "\(rotation.step)", "attempt": "\(rotation.failures + 1)",
                "effect": "\(effect)", "failure.kind": "\(failure.kind)",
                "failure.reason": "\(failure.reason)",
            ]
        )
    }
}
