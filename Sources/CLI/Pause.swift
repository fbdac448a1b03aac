import ArgumentParser
import Foundation
import RekeyCore
import RekeyWorker

/// `rekey pause NAME`: no routine rotations for a while.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stops routine rotations of a secret, or of all secrets of an environment."
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var answer: AnswerOption
    @Argument(help: "A secret's name, or an environment's.")
    var name: String

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        var content = EventContent()
        content.secret = name
        try await CommandRequest("pause", about: name, content).send(assembly, answer)
    }
}
