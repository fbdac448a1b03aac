import Foundation
import RekeyCore
import Testing

/// A rotation of two accounts with one carrier and nobody who reads it.
enum ShortRotation {
    static var plan: RotationPlan {
        RotationPlan(
            credential: "orders",
            strategy: .alternate,
            target: "target",
            staging: SecretReference(vault: "staging", name: "staged"),
            carriers: [
                PlannedCarrier(SecretReference(vault: "app", name: "orders"), base: "first")
            ],
            previousAccount: "old",
            candidateAccount: "new",
            sequence: 1
        )
    }

    /// The rotation after `complete`, which was at `date`.
    static func completed(_ plan: RotationPlan, at date: Date) throws -> Rotation {
        let began = date - 60
        let events: [RotationEvent] = [
            .accepted(plan, reason: .routine, by: "test", at: began),
            .intended(.stageGenerated, at: began, deadline: began),
            .observed(.staged("staged-1"), at: began),
            .finished(.stage, at: began),
            .observed(.carriersWritable, at: began),
            .intended(.install, at: began, deadline: began),
            .observed(.installed, at: began),
            .finished(.apply, at: began),
            .observed(.proved, at: began),
            .finished(.prove, at: began),
            .observed(.carrierRead(0, latest: "first", isOurs: false), at: began),
            .intended(.writeCarrier(0), at: began, deadline: began),
            .observed(.carrierWritten(0, "second"), at: began),
            .finished(.promote, at: began),
            .finished(.refresh, at: began),
            .finished(.verify, at: began),
            .finished(.complete, at: date),
        ]
        let id = RotationID("8e8c8a52-5b9e-5c0a-9b57-2f3f5d1f9c12")
        return try #require(Rotation(id, replaying: events))
    }
}
