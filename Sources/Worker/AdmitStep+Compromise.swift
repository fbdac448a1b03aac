import RekeyCore
import RekeyPorts

// A compromise of what a running rotation replaces.
extension AdmitStep {
    /// The newest rotation of the credential, where it made its value after it was told of this
    /// request's compromise: then no other has to follow.
    func rotation(serving request: Request) async throws -> RotationID? {
        guard request.admission.reason.isCompromise else { return nil }
        let newest = try await journal.reader.rotations(
            RotationQuery(credential: request.definition.id, limit: 1)
        )
        guard let rotation = newest.first,
            rotation.servedRequests?.contains(request.id) == true
        else { return nil }
        return rotation.id
    }

    /// The newest rotation that revoked what a compromise names, where all of it is dead.
    ///
    /// Each version was replaced by a rotation that closed and owes nothing, and no carrier holds
    /// its value now: then there is nothing to rotate. Whatever cannot be told counts as alive.
    func revocation(settling request: Request) async throws -> RotationID? {
        guard case .compromise(let versions, _) = request.admission.reason, !versions.isEmpty else {
            return nil
        }
        let definition = request.definition
        let past = try await journal.reader.rotations(
            RotationQuery(credential: definition.id, limit: Self.pastRotations)
        )
        let dead = past.filter { $0.end == .closed && $0.debts.allSatisfy(\.isPaid) }
        let isDead = versions.allSatisfy { version in
            dead.contains { $0.plan.carriers.contains { $0.base == version } }
        }
        guard isDead else { return nil }
        let newest = dead.first { rotation in
            rotation.plan.carriers.contains { $0.base.map(versions.contains) ?? false }
        }
        do {
            let mayBeHeld = try await facts.mayHold(versions, in: definition.carriers)
            return mayBeHeld ? nil : newest?.id
        } catch {
            return nil
        }
    }

    /// How far back it is known what revoked a version.
    private static let pastRotations = 1_000

    /// A running rotation learns of a compromise by a command of its own in the inbox, since that
    /// has to be recorded under the rotation's claim.
    func hasten(
        _ running: RotationID,
        for request: Request
    ) async throws -> InboxEntry? {
        guard case .compromise(let versions, let revokeBy) = request.admission.reason else {
            return nil
        }
        let now = clock.now
        var content = EventContent()
        content.command = "compromise"
        content.rotation = running.text
        content.versions = versions.map(\.text)
        content.revokeBy = revokeBy.map(Timestamp.text)
        let event = CloudEvent(
            id: EventID(UUIDv5.text(in: running.text, ["compromise", request.id.text])),
            source: settings.source,
            type: .commandIssued,
            time: now,
            causationID: request.id.text,
            authID: request.authID,
            content: content
        )
        let entry = InboxEntry(
            id: .init(lane: CommandOrder.lane, event: event.id),
            type: event.type,
            rotation: running,
            body: event.encoded(),
            userID: request.userID,
            replayedBy: request.replayedBy,
            isUrgent: true,
            receivedAt: now
        )
        return try await journal.receive([entry]) == [true] ? entry : nil
    }
}

extension Rotation {
    /// What whoever declares a compromise is told of the rotation that runs.
    var answerToCompromise: String {
        isGoingBack ? "in flight: it goes back, and another rotation follows it" : "in flight"
    }
}

extension EventContent {
    /// Why a request cannot be understood; nil where it can.
    ///
    /// Read on as routine, or without its deadline, it would look obeyed.
    var refusal: String? {
        if let reason, !["routine", "compromise"].contains(reason) {
            return "the reason is neither routine nor compromise"
        }
        if let revokeBy, Timestamp.date(revokeBy) == nil {
            return "revokeBy is no time such as 2026-12-01T12:00:00Z"
        }
        guard reason == "compromise" || (versions ?? []).isEmpty && revokeBy == nil else {
            return "versions and revokeBy go with the reason compromise"
        }
        return nil
    }
}
