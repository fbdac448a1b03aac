import ArgumentParser

/// Kills, fails and misleads workers wherever that can happen, and looks from outside.
@main
struct RekeyLab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey-lab",
        abstract: "Kills, fails and misleads workers at every call they make.",
        subcommands: [SweepCommand.self, SimulateCommand.self, BrokerCommand.self]
    )
}
