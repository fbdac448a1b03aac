import ArgumentParser
import RekeyPorts

/// `rekey worker`: what `rekey run` does, without the gateway.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Runs the worker and its sweeper until it is stopped, without a gateway.",
        discussion: "Several may run at once where the journal is in PostgreSQL."
    )

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        let serving = try Serving(try configuration.load())
        let adapters = try serving.assembly.makeAdapters()
        let journal = try await serving.assembly.openJournal(serving.clock)
        let (worker, broker) = try serving.worker(of: adapters, on: journal)
        try await serving.run(
            [worker] + serving.health(journal.reader, broker),
            leaving: journal
        )
    }
}
