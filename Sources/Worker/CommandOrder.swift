import RekeyCore
import RekeyPorts

/// What somebody decided, as it was read from an event of the inbox, with who it was.
struct CommandOrder: Sendable {
    enum Subject: Equatable, Sendable {
        case rotation(RotationID, RotationCommand)
        /// Routine rotations of these credentials stop, or go on.
        case pause(Bool, [CredentialDefinition])
        case adopt(CredentialDefinition, takeOver: Bool)
        /// What the journal knows of it is built anew from vaults and target.
        case recover(CredentialDefinition)
        /// Nothing that could be done; the text says why.
        case unclear(String)
    }

    static let lane = "command"

    let entry: InboxEntry.ID
    /// What whoever published it calls it.
    let event: EventID
    /// As the event names them, for its answer.
    let content: EventContent
    let requester: AccessPolicy.Requester
    /// The same, with who published it again, for the record.
    let by: String
    let subject: Subject

    /// Reads the command of an inbox entry; nil where the entry is none.
    init?(_ entry: InboxEntry, estate: Estate, access: AccessPolicy) {
        guard let event = try? CloudEvent(decoding: entry.body), event.type == .commandIssued
        else { return nil }
        self.entry = entry.id
        self.event = event.id
        content = event.content
        requester = access.requester(userID: entry.userID, authID: event.authID)
        by = entry.by("\(requester)")
        subject = Self.subject(of: event, entry.id.event, estate)
    }

    /// What it needs to be allowed.
    var act: AccessPolicy.Act {
        if case .rotation(_, let command) = subject { return command.act }
        return .approve
    }

    /// By what the work is serialised.
    var workKey: String {
        switch subject {
        case .rotation(let id, _): id.text
        case .pause(_, let definitions) where definitions.count == 1:
            "credential/\(definitions[0].id)"
        case .adopt(let definition, _), .recover(let definition):
            "credential/\(definition.id)"
        case .pause, .unclear: entry.description
        }
    }

    private static func subject(
        of event: CloudEvent,
        _ id: EventID,
        _ estate: Estate
    ) -> Subject {
        let content = event.content
        let name = content.command ?? ""
        switch name {
        case "pause", "unpause":
            let found = content.secret.map { estate.credentials(inOrNamed: $0) } ?? []
            guard !found.isEmpty else { return .unclear(unknown(content.secret)) }
            return .pause(name == "pause", found)
        case "adopt", "recover":
            guard let found = content.secret.flatMap({ estate.credential(named: $0) }) else {
                return .unclear(unknown(content.secret))
            }
            if name == "recover" { return .recover(found) }
            return .adopt(found, takeOver: content.takeOver ?? false)
        default: break  // The others are about a rotation.
        }
        guard let command = RotationCommand(event, id) else {
            return .unclear("there is no command \(name.isEmpty ? "in the event" : "of this name")")
        }
        guard let rotation = content.rotation, !rotation.isEmpty else {
            return .unclear("\(name) has to name a rotation")
        }
        return .rotation(RotationID(rotation), command)
    }

    private static func unknown(_ secret: String?) -> String {
        secret == nil
            ? "the command has to name a secret"
            : "no secret and no environment of this name is configured"
    }
}

extension RotationCommand {
    fileprivate init?(_ event: CloudEvent, _ id: EventID) {
        let content = event.content
        switch content.command {
        case "approve": self = .approve(plan: content.plan)
        case "reject": self = .reject
        case "resume": self = .resume(rebase: content.rebase ?? false)
        case "rollback": self = .rollback
        case "abandon": self = .abandon(isForced: content.force ?? false)
        case "urgent": self = .urgent
        case "compromise":
            let reason = RotationReason.compromise(
                versions: (content.versions ?? []).map { VersionID($0) },
                revokeBy: content.revokeBy.flatMap(Timestamp.date)
            )
            // Only one of ours names a cause: what comes from outside is read without.
            let request = event.causationID.map { EventID($0) } ?? id
            self = .compromise(reason, request: request)
        default: return nil
        }
    }
}

extension Estate {
    /// The credential of this name, or else all of the environment of this name, in order.
    fileprivate func credentials(inOrNamed name: String) -> [CredentialDefinition] {
        if let one = credential(named: name) { return [one] }
        return definitions.values.filter { $0.environment == name }.sorted { $0.id < $1.id }
    }
}
