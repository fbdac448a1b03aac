import ArgumentParser
import Foundation
import RekeyConfiguration

/// `rekey init`: a configuration to start from.
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a configuration to start from; it names places of secrets, never values."
    )

    func run() throws {
        Console.line(SampleConfiguration.text)
    }
}
