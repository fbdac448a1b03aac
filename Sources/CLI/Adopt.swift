import ArgumentParser
import Foundation
import RekeyCore
import RekeyWorker

/// `rekey adopt NAME`: records a secret that is there, and rotates nothing.
struct Adopt: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Records a secret as it is; workers do it by themselves, too."
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var answer: AnswerOption
    @Argument(help: "The secret's name in the configuration, or vault/name of a carrier.")
    var name: String
    @Flag(help: "Also where another installation's tag is on it: the tag becomes this one's.")
    var takeOver = false

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        var content = EventContent()
        content.secret = name
        content.takeOver = takeOver ? true : nil
        try await CommandRequest("adopt", about: name, content).send(assembly, answer)
    }
}
