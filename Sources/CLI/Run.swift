import ArgumentParser
import RekeyPorts

/// `rekey run`: worker, gateway and sweeper in one process.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the worker, the gateway and the sweeper until it is stopped.",
        discussion: "SIGTERM and SIGINT end it: what is in hand is finished and recorded first."
    )

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        let serving = try Serving(try configuration.load())
        let adapters = try serving.assembly.makeAdapters()
        let journal = try await serving.assembly.openJournal(serving.clock)
        let (worker, broker) = try serving.worker(of: adapters, on: journal)
        let reader = journal.reader
        try await serving.run(
            [worker] + serving.health(reader, broker) + (try serving.gateway(reader, broker)),
            leaving: journal
        )
    }
}
