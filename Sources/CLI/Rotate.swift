import ArgumentParser
import Foundation
import RabbitMQBroker
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey rotate SECRET`: asks for a rotation, and follows it where that is wanted.
struct Rotate: AsyncParsableCommand {
    enum Reason: String, ExpressibleByArgument, CaseIterable { case routine, compromise }

    static let configuration = CommandConfiguration(abstract: "Asks for a rotation.")

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var answer: AnswerOption
    @Argument(help: "The secret's name in the configuration, or vault/name of a carrier.")
    var secret: String
    @Option(help: "routine, or compromise, which skips windows and gates.")
    var reason = Reason.routine
    @Option(name: .customLong("version"), help: "A version known to others, for a compromise.")
    var versions: [String] = []
    @Option(help: "When a compromised value has to be dead, such as 2026-12-01T12:00:00Z.")
    var revokeBy: String?
    @Flag(help: "Also where an account that is owed gets another value by it (`rekey status`).")
    var force = false
    @Flag(help: "Follow the rotation to its end, a line for each step.")
    var wait = false

    func validate() throws {
        if let revokeBy, Timestamp.date(revokeBy) == nil {
            throw ValidationError("--revoke-by is no time such as 2026-12-01T12:00:00Z")
        }
        guard reason == .compromise || versions.isEmpty && revokeBy == nil else {
            throw ValidationError("--version and --revoke-by go with --reason compromise")
        }
    }

    func run() async throws {
        let settings = try configuration.load()
        guard settings.definitions.contains(where: { $0.answers(to: secret) }) else {
            let known = settings.definitions.map(\.id.text).joined(separator: ", ")
            throw Problem(
                "no secret is called \(secret)",
                hint: "there are: \(known)",
                code: Problem.usage
            )
        }
        let assembly = Assembly(settings)
        let request = try await RequestSession(assembly, answer)
        let event = event
        try await request.publish(event) { answer in
            try await follow(answer, to: event, assembly)
        }
    }

    private var event: CloudEvent {
        var content = EventContent()
        content.secret = secret
        content.reason = reason.rawValue
        if !versions.isEmpty { content.versions = versions }
        content.revokeBy = revokeBy
        if force { content.force = true }
        return CloudEvent(
            id: EventID(UUID().uuidString.lowercased()),
            source: "rekey/cli",
            type: .rotationRequested,
            subject: secret,
            time: Date(),
            content: content
        )
    }

    private func follow(
        _ answer: CloudEvent,
        to request: CloudEvent,
        _ assembly: Assembly
    ) async throws {
        switch answer.type {
        case .rotationAccepted, .rotationCoalesced:
            guard let id = answer.content.rotation else { return }
            Console.line(Self.line(about: id, of: answer.content.secret ?? secret, answer))
            guard wait else { return }
            let reader = try await assembly.openReader(SystemClock())
            let view = LiveView(reader: reader, rotation: RotationID(id))
            let user = assembly.settings.broker.user
            guard answer.type == .rotationCoalesced, reason == .compromise,
                let entry = InboxEntry.ID(of: request, publishedBy: user)
            else { return try await view.follow() }
            try await view.follow(serving: entry)
        default:
            let fact = answer.type.routingKey.split(separator: ".").last ?? "declined"
            throw Problem(
                "\(fact): \(answer.content.detail ?? "no reason was given")",
                hint: "nothing was changed; `rekey status` tells how it stands"
            )
        }
    }

    /// Which rotation serves the request, and what more its answer says.
    static func line(about rotation: String, of secret: String, _ answer: CloudEvent) -> String {
        let known = answer.content.detail ?? "in flight"
        let note = answer.type == .rotationCoalesced ? " (already \(known))" : ""
        return "rotation \(rotation) of \(secret)\(note)"
    }
}

extension CredentialDefinition {
    /// Whether a user may mean this one.
    func answers(to name: String) -> Bool {
        id.text == name || carriers.contains { $0.reference.description == name }
    }
}
