import ArgumentParser
import Foundation
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey abandon ROTATION`: gives a rotation up as it is.
struct Abandon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Gives a rotation up where it is; what a target still accepts becomes a debt."
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var answer: AnswerOption
    @Argument(help: "The rotation's id or its beginning, or the secret that it rotates.")
    var rotation: String
    @Flag(help: "Also where that locks out whoever reads a carrier.")
    var force = false

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        let reader = try await assembly.openReader(SystemClock())
        let chosen = try await RotationChoice(reader).rotation(rotation)
        var content = EventContent()
        content.rotation = chosen.id.text
        content.force = force ? true : nil
        try await CommandRequest("abandon", about: chosen.id.text, content).send(assembly, answer)
    }
}
