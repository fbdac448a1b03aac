import ArgumentParser

/// `rekey worker`: what `rekey run` does, without the gateway.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Runs the worker and its sweeper until it is stopped, without a gateway."
    )

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        let serving = try Serving(try configuration.load())
        let (worker, _) = try serving.worker(on: try serving.assembly.openJournal(serving.clock))
        try await serving.run([worker])
    }
}
