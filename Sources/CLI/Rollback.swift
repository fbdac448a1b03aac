import ArgumentParser
import Foundation
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey rollback ROTATION`: takes a rotation back.
struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a rotation back to the previous value, while nothing was revoked."
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
        try await CommandRequest("rollback", about: chosen.id.text, content).send(assembly, answer)
    }
}
