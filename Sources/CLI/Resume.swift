import ArgumentParser
import Foundation
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey resume ROTATION`: goes on where a person had to decide.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Goes on with a rotation that is stuck, or whose hook failed."
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var answer: AnswerOption
    @Argument(help: "The rotation's id or its beginning, or the secret that it rotates.")
    var rotation: String
    @Flag(help: "After drift: go on from the documents that somebody else wrote.")
    var rebase = false

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        let reader = try await assembly.openReader(SystemClock())
        let chosen = try await RotationChoice(reader).rotation(rotation)
        var content = EventContent()
        content.rotation = chosen.id.text
        content.rebase = rebase
        try await CommandRequest("resume", about: chosen.id.text, content).send(assembly, answer)
    }
}
