import Foundation
import RekeyCore
import RekeyPorts

/// Makes the events that tell what happened; the same happening always makes the same bytes.
struct EventComposer: Sendable {
    let installation: InstallationID
    let source: String
    let adapters: Adapters

    /// The outbox rows for the facts of one event of a rotation.
    func rows(
        for event: RotationEvent,
        from before: Rotation?,
        to after: Rotation,
        causedBy cause: EventID?,
        nextDue: Date?
    ) -> [OutboxRow] {
        after.facts(after: event, from: before).map { type in
            var content = content(of: type, after, nextDue: nextDue)
            if [.hookSucceeded, .hookFailed].contains(type),
                let index = after.hook(endedBy: event)
            {
                content.hook = after.plan.hooks[index].name.text
                content.detail = after.hooks[index].remark
            }
            let id = UUIDv5.text(in: after.id.text, [String(after.number), type.name])
            let cloudEvent = CloudEvent(
                id: EventID(id),
                source: "\(source)/\(installation)",
                type: type,
                subject: after.plan.credential.text,
                time: event.date,
                correlationID: after.id.text,
                causationID: cause?.text,
                content: content
            )
            return OutboxRow(
                event: cloudEvent.id,
                type: type,
                rotation: after.id,
                body: cloudEvent.encoded(),
                mustArrive: Self.steering.contains(type),
                isUrgent: after.isUrgent,
                createdAt: event.date
            )
        }
    }

    /// What some step reacts to.
    private static let steering = Set(Step.allCases.flatMap(\.reactsTo))

    /// An answer to a request that began no rotation: `cause` is its publisher's name for it, and
    /// `id` what tells it from others of that name.
    func answer(
        _ type: EventType,
        about credential: CredentialID,
        to cause: EventID,
        knownAs id: EventID,
        detail: String,
        rotation: RotationID? = nil,
        at now: Date
    ) -> OutboxRow {
        var content = EventContent()
        content.secret = credential.text
        content.detail = detail
        content.rotation = rotation?.text
        let parts = [credential.text, id.text, type.name]
        let event = CloudEvent(
            id: EventID(UUIDv5.text(in: installation.text, parts)),
            source: "\(source)/\(installation)",
            type: type,
            subject: credential.text,
            time: now,
            correlationID: rotation?.text,
            causationID: cause.text,
            content: content
        )
        return OutboxRow(
            event: event.id,
            type: type,
            rotation: rotation,
            body: event.encoded(),
            mustArrive: false,
            createdAt: now
        )
    }

    /// A carrier as events name it: `vault` is the configuration's word, `uri` everybody's.
    func carrier(_ reference: SecretReference, _ version: VersionID?) -> EventContent.Carrier {
        EventContent.Carrier(
            vault: reference.vault.text,
            name: reference.name.text,
            version: version?.text,
            uri: version.flatMap { adapters.uri(of: $0, reference) }
        )
    }

    private func content(of type: EventType, _ rotation: Rotation, nextDue: Date?) -> EventContent {
        var content = EventContent()
        content.rotation = rotation.id.text
        content.secret = rotation.plan.credential.text
        content.strategy = rotation.plan.strategy.rawValue
        content.reason = rotation.reason.isCompromise ? "compromise" : "routine"
        switch type {
        case .secretPromoted, .rotationCompleted, .rotationRolledBack, .rotationClosed:
            content.carriers = zip(rotation.plan.carriers, rotation.carriers).map {
                carrier($0.reference, $1.latest)
            }
        case .revokeByPassed:
            content.revokeBy = rotation.revocation.map { Timestamp.text($0.dueAt) }
            content.cutOff = rotation.revocation?.cutOff ?? []
        case .hooksSuperseded:
            let open = zip(rotation.plan.hooks, rotation.hooks).filter { $1.state == .superseded }
            content.detail = open.map { $0.0.name.text }.joined(separator: ", ")
        case .rotationFailed: content.detail = rotation.gaveUpReason
        case .rotationStuck: content.detail = rotation.stuckReason
        case .rotationAwaitingApproval: content.plan = rotation.planDigest
        case .attemptRefused: content.attempt = rotation.candidate.attempt
        default: break  // The other facts say all by their type.
        }
        if type == .rotationCompleted {
            content.evidence = zip(rotation.plan.workloads, rotation.workloads).map {
                EventContent.Evidence(workload: $0.name.text, level: $1.evidence.rawValue)
            }
            content.gapSeconds = rotation.gapSeconds
            content.cutOff = rotation.isPastRevokeBy ? rotation.revocation?.cutOff : nil
            content.nextDue = nextDue.map(Timestamp.text)
        }
        content.outcome = rotation.end?.rawValue
        return content
    }
}

extension HookProgress {
    /// What is said of its end.
    fileprivate var remark: String? {
        switch state {
        case .succeeded(let evidence): evidence
        case .failed(let reason): reason
        case .waiting, .running, .superseded: nil
        }
    }
}
