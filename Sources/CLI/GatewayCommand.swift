import ArgumentParser
import RekeyConfiguration

/// `rekey gateway`: the gateway in a process of its own, beside a worker.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Runs the gateway alone, beside `rekey worker`.",
        discussion: """
            It publishes what comes in, and reads the worker's journal, which is a file on the \
            same machine or a database; it writes none.
            """
    )

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        let serving = try Serving(try configuration.load())
        guard serving.assembly.settings.gateway != nil else {
            throw Problem(
                "the configuration has no section gateway",
                hint: "`rekey init` prints one",
                code: Problem.configuration
            )
        }
        let reader = try await serving.assembly.openReader(serving.clock)
        let broker = try serving.publisher()
        let gateway = try serving.gateway(reader, broker.broker, consumes: false)
        try await serving.run([broker] + gateway)
    }
}
