import ArgumentParser
import Foundation
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey reject ROTATION`: refuses what a rotation asks a person for.
struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rejects a rotation that awaits approval: the previous value is restored."
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var answer: AnswerOption
    @Argument(help: "The rotation's id or its beginning, or the secret that it rotates.")
    var rotation: String

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        let reader = try await assembly.openReader(SystemClock())
        let chosen = try await RotationChoice(reader).rotation(rotation)
        var content = EventContent()
        content.rotation = chosen.id.text
        try await CommandRequest("reject", about: chosen.id.text, content).send(assembly, answer)
    }
}
