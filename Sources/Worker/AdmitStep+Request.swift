import Foundation
import RekeyCore
import RekeyPorts

extension AdmitStep {
    /// A request that somebody, or a hint, made.
    struct Request: Sendable {
        let definition: CredentialDefinition
        let admission: AdmissionRequest
        /// What gives the rotation its id: the version that is to be replaced, or the request.
        let cause: String
        /// What tells it from all others.
        let id: EventID
        /// What whoever published it calls it.
        let event: EventID
        let requestedBy: String
        /// Whether somebody waits for an answer where no rotation begins.
        let wantsAnswer: Bool
        /// Nobody asked: it is due, and should begin.
        var isSwept = false
        /// Why whoever asks may not ask for this; nil where they may.
        var refusal: String?
        /// Who asks, as the event says it, for a command that follows from the request.
        var userID: String?
        var authID: String?
        var replayedBy: String?

        /// Whether it goes before others, which not everybody may have who says so.
        var isUrgent: Bool { admission.reason.isCompromise && refusal == nil }
    }

    /// Understands an event of the intake; nil where it is about nothing of ours.
    func request(from event: CloudEvent, in entry: InboxEntry) -> Request? {
        let content = event.content
        let userID = entry.userID
        let requester = settings.access.requester(userID: userID, authID: event.authID)
        if event.type == .secretNearExpiry {
            guard let host = content.vault, let name = content.name,
                let definition = estate.credential(host: host, name: name)
            else { return nil }
            let version = content.version.map { VersionID($0) }
            return Request(
                definition: definition,
                admission: AdmissionRequest(reason: .routine, hint: version, isHint: true),
                cause: "hint/\(definition.id)/\(content.version ?? "")",
                id: entry.id.event,
                event: event.id,
                requestedBy: entry.by("\(requester)"),
                wantsAnswer: false
            )
        }
        guard event.type == .rotationRequested, let name = content.secret,
            let definition = estate.credential(named: name)
        else { return nil }
        var reason = RotationReason.routine
        if content.reason == "compromise" {
            reason = .compromise(
                versions: (content.versions ?? []).map { VersionID($0) },
                revokeBy: content.revokeBy.flatMap(Timestamp.date)
            )
        }
        return Request(
            definition: definition,
            admission: AdmissionRequest(
                reason: reason,
                isHint: false,
                isForced: content.force ?? false
            ),
            cause: "request/\(entry.id.event)",
            id: entry.id.event,
            event: event.id,
            requestedBy: entry.by("\(requester)"),
            wantsAnswer: true,
            refusal: settings.access.refusal(
                of: reason.isCompromise ? .compromise : .request,
                to: requester
            ) ?? content.refusal,
            userID: userID,
            authID: event.authID,
            replayedBy: entry.replayedBy
        )
    }

    /// The sweeper's own request for a credential that the vault says is due.
    func request(forDue definition: CredentialDefinition, version: VersionID?) -> Request {
        let id = EventID("sweep/\(definition.id)/\(version?.text ?? "")")
        return Request(
            definition: definition,
            admission: AdmissionRequest(reason: .routine, hint: version, isHint: true),
            cause: "hint/\(definition.id)/\(version?.text ?? "")",
            id: id,
            event: id,
            requestedBy: "sweeper",
            wantsAnswer: false,
            isSwept: true
        )
    }
}
