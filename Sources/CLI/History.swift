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

    func run() async throws {
        let assembly = try Assembly(try configuration.load())
        let reader = try assembly.openReader(SystemClock())
        if let subject, try await reader.rotation(RotationID(subject)) != nil {
            return try await show(RotationID(subject), reader)
        }
        let query = RotationQuery(credential: subject.map { CredentialID($0) }, limit: limit)
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
        for entry in try await reader.history(of: id) {
            let time = Timestamp.text(entry.event.date)
            let text = Narration.line(for: entry.event) ?? "\(entry.event.name)"
            Console.line("\(time)  \(String(entry.digest.prefix(12)))  \(text)")
        }
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
