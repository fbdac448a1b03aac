import ArgumentParser
import Foundation
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey history`: past rotations, or every event of one.
struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows past rotations of a secret, or every event of one rotation."
    )

    @OptionGroup var configuration: ConfigurationOption
    @Argument(help: "A secret's name, or a rotation's id; all secrets where left out.")
    var subject: String?
    @Option(help: "How many rotations at most.")
    var limit = 20
    @Flag(help: "One JSON document.")
    var json = false
    @Flag(help: "Of one rotation: follow it to its end, each step as it happens.")
    var watch = false

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        let reader = try await assembly.openReader(SystemClock())
        if let subject, try await reader.rotation(RotationID(subject)) != nil {
            let id = RotationID(subject)
            if watch { return try await LiveView(reader: reader, rotation: id).follow() }
            return try await show(id, reader)
        }
        guard !watch else {
            throw Problem(
                "no rotation is called \(subject ?? "")",
                hint: "--watch follows one rotation; `rekey status --watch` shows them all",
                code: Problem.usage
            )
        }
        let query = RotationQuery(credential: subject.map { CredentialID($0) }, limit: limit)
        if json {
            return try Console.json(try await reader.rotations(query).map(RotationRow.init))
        }
        var rows = [["BEGAN", "SECRET", "STATE", "GAP", "ROTATION"]]
        for rotation in try await reader.rotations(query) {
            rows.append([
                Timestamp.text(rotation.times.acceptedAt), rotation.plan.credential.text,
                rotation.end?.rawValue ?? rotation.step.rawValue,
                String(format: "%.3f s", rotation.gapSeconds), rotation.id.text,
            ])
        }
        Console.table(rows)
    }

    private func show(_ id: RotationID, _ reader: any JournalReader) async throws {
        if json {
            return try Console.json(try await reader.history(of: id).map(EventRow.init))
        }
        for entry in try await reader.history(of: id) {
            let time = Timestamp.text(entry.event.date)
            let text = Narration.line(for: entry.event) ?? "\(entry.event.name)"
            Console.line("\(time)  \(String(entry.digest.prefix(12)))  \(text)")
        }
    }
}

/// A rotation as `--json` shows it.
private struct RotationRow: Encodable {
    let rotation: String
    let secret: String
    let state: String
    let began: Date
    let ended: Date?
    let gapSeconds: Double
    let requestedBy: String

    init(_ rotation: Rotation) {
        self.rotation = rotation.id.text
        secret = rotation.plan.credential.text
        state = rotation.end?.rawValue ?? rotation.step.rawValue
        began = rotation.times.acceptedAt
        ended = rotation.times.endedAt
        gapSeconds = rotation.gapSeconds
        requestedBy = rotation.requestedBy
    }
}

/// An event as `--json` shows it.
private struct EventRow: Encodable {
    let number: Int
    let time: String
    let text: String
    let digest: String

    init(_ entry: HistoryEntry) {
        number = entry.number
        time = Timestamp.text(entry.event.date)
        text = Narration.line(for: entry.event) ?? entry.event.name
        digest = entry.digest
    }
}

extension RotationEvent {
    /// What kind of event it is, without what it holds.
    fileprivate var name: String {
        switch self {
        case .intended(let effect, _, _): "intends    \(effect)"
        case .observed(let observation, _): "looked     \(observation)"
        default: "event"
        }
    }
}
