import ArgumentParser
import Foundation
import RekeyCore
import RekeyWorker

/// `rekey unpause NAME`: routine rotations go on.
struct Unpause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lets routine rotations of a secret or an environment go on."
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var answer: AnswerOption
    @Argument(help: "A secret's name, or an environment's.")
    var name: String

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        var content = EventContent()
        content.secret = name
        try await CommandRequest("unpause", about: name, content).send(assembly, answer)
    }
}
