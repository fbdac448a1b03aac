import Foundation
import RekeyCore
import RekeyPorts
import RekeyWorker

/// A command to the worker: published, answered, and told to the user.
struct CommandRequest {
    let command: String
    let subject: String
    private let content: EventContent

    init(_ command: String, about subject: String, _ content: EventContent) {
        self.command = command
        self.subject = subject
        self.content = content
    }

    /// Sends it, and returns once it was accepted; throws where it was refused.
    func send(_ assembly: Assembly, _ patience: AnswerOption) async throws {
        if let refusal = try await refusal(assembly, patience) { throw refusal }
    }

    /// Sends it, and answers why it was refused; nil once it was accepted.
    func refusal(_ assembly: Assembly, _ patience: AnswerOption) async throws -> Problem? {
        var content = content
        content.command = command
        let event = CloudEvent(
            id: EventID(UUID().uuidString.lowercased()),
            source: "rekey/cli",
            type: .commandIssued,
            subject: subject,
            time: Date(),
            content: content
        )
        let (command, subject) = (command, subject)
        return try await RequestSession(assembly, patience).publish(event) { answer in
            guard answer.content.outcome == "accepted" else {
                return Problem(
                    "\(command) \(subject): \(answer.content.detail ?? "refused")",
                    hint: "nothing was changed"
                )
            }
            Console.line("\(command) \(subject): accepted")
            return nil
        }
    }
}

/// Finds the rotation that a user means.
struct RotationChoice {
    private let reader: any JournalReader

    init(_ reader: any JournalReader) { self.reader = reader }

    /// By its id, the beginning of its id, or the secret whose open rotation it is.
    func rotation(_ name: String) async throws -> Rotation {
        if let exact = try await reader.rotation(RotationID(name)) { return exact }
        let open = try await reader.rotations(RotationQuery(openOnly: true, limit: Self.limit))
        let found = open.filter {
            $0.plan.credential.text == name
                || name.count >= Self.shortestPrefix && $0.id.text.hasPrefix(name)
        }
        guard let only = found.first, found.count == 1 else {
            throw Problem(
                found.isEmpty
                    ? "no open rotation is called \(name)" : "\(name) may be several rotations",
                hint: "`rekey status` names them",
                code: Problem.usage
            )
        }
        return only
    }

    private static let limit = 10_000
    /// Fewer digits of an id are no name.
    private static let shortestPrefix = 4
}
