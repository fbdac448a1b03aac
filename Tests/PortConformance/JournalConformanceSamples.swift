package import Foundation
package import RekeyCore
package import RekeyPorts
import Testing

/// Values to fill a journal with.
///
/// Their dates and texts are chosen to be awkward to keep.
package enum Sample {
    package static let lane = "stage"

    package static func accepted(
        _ id: RotationID,
        credential: CredentialID = "db",
        at date: Date
    ) throws -> (RotationEvent, Rotation) {
        let carrier = SecretReference(vault: "kv-ä", name: "db/\"password\"")
        let plan = RotationPlan(
            credential: credential,
            strategy: .alternate,
            target: "postgres",
            staging: SecretReference(vault: "staging", name: "st-1"),
            carriers: [PlannedCarrier(carrier, format: .url, base: "v1")],
            workloads: [PlannedWorkload("api", needs: .signedIn, wave: 1)],
            hooks: [PlannedHook("runbook", kind: "automation")],
            previousAccount: "app_a",
            candidateAccount: "app_b",
            previousEnd: date + 0.1,
            sequence: 7
        )
        let reason = RotationReason.compromise(versions: ["v1"], revokeBy: date + 1 / 7)
        let event = RotationEvent.accepted(plan, reason: reason, by: "user:anne", at: date)
        return (event, try #require(Rotation(id, startingWith: event)))
    }

    /// The next event of a rotation, and the state after it.
    package static func event(
        after state: Rotation,
        at date: Date
    ) -> (RotationEvent, Rotation) {
        follow(state, with: .failed(.prove, StepFailure(.transient, "28P01"), at: date))
    }

    /// Events of the rotation above that name what its plan has not, each for one of its own.
    package static func misfits(at date: Date) -> [(RotationID, RotationEvent)] {
        let events: [RotationEvent] = [
            .intended(.startHook(1), at: date, deadline: date),
            .intended(.refresh(-1), at: date, deadline: date),
            .failed(.followHook(7), StepFailure(.transient, "503"), at: date),
            .observed(.carrierWritten(1, "v2"), at: date),
            .observed(.evidence(1, .healthy), at: date),
            .observed(.hookEnded(1, .succeeded("done")), at: date),
        ]
        return events.enumerated().map { (RotationID("misfit-\($0)"), $1) }
    }

    package static func follow(
        _ state: Rotation,
        with event: RotationEvent
    ) -> (RotationEvent, Rotation) {
        var next = state
        next.fold(event)
        return (event, next)
    }

    package static func entry(
        _ event: EventID,
        lane: String = Self.lane,
        rotation: RotationID? = nil,
        isUrgent: Bool = false,
        at date: Date
    ) -> InboxEntry {
        InboxEntry(
            id: InboxEntry.ID(lane: lane, event: event),
            type: .candidateStaged,
            rotation: rotation,
            body: [0, 255, 123, 34, 10],
            userID: "rekey",
            isUrgent: isUrgent,
            receivedAt: date
        )
    }

    package static func row(
        _ event: EventID,
        rotation: RotationID? = nil,
        mustArrive: Bool = true,
        at date: Date
    ) -> OutboxRow {
        OutboxRow(
            event: event,
            type: .candidateStaged,
            rotation: rotation,
            body: Array("{\"ü\":1}".utf8),
            mustArrive: mustArrive,
            isUrgent: true,
            createdAt: date
        )
    }

    package static func id(_ event: EventID, lane: String = Self.lane) -> InboxEntry.ID {
        InboxEntry.ID(lane: lane, event: event)
    }
}
