import ArgumentParser

/// Measures Rekey against what lies under it and beside it, on a broker of its own.
@main
struct RekeyBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey-bench",
        abstract: "Measures Rekey against what lies under it and beside it.",
        discussion: """
            Each command but idle starts a RabbitMQ of its own and ends it. Only the ratios are \
            to be compared between machines.
            """,
        subcommands: [
            RawCommand.self, SagaCommand.self, PeersCommand.self, LatencyCommand.self,
            ReplicasCommand.self, ResumeCommand.self, EstateCommand.self, IdleCommand.self,
            ResumeWorker.self, EstateWorker.self,
        ]
    )
}
