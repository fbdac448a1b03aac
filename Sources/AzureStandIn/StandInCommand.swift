import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle

/// `azure-standin`: a local double of the Azure APIs that Rekey uses.
@main
struct StandInCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "azure-standin",
        abstract: "A local double of Entra, Key Vault, Graph, Automation and Event Grid.",
        discussion: "Ready when DIRECTORY/standin.json exists. Ends on SIGTERM."
    )

    /// Configuration that is wrong, as sysexits.h calls it.
    static let configurationExitCode: Int32 = 78

    @Option(help: "Where the CA, the ports and the change log are written.")
    var directory: String

    @Option(help: "A JSON file that declares what exists.")
    var scenario: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = "warning"

    func run() async throws {
        do {
            try await run(in: URL(fileURLWithPath: directory).standardizedFileURL.path)
        } catch let refusal as ControlRefusal {
            try end("\(refusal)", StandInCommand.configurationExitCode)
        } catch let failure as StandInFailure {
            try end("\(failure)", 1)
        }
    }

    private func end(_ text: String, _ code: Int32) throws -> Never {
        FileHandle.standardError.write(Data("azure-standin: error: \(text)\n".utf8))
        throw ExitCode(code)
    }

    private func run(in directory: String) async throws {
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw ControlRefusal("--log-level: no level \(logLevel)")
        }
        var logger = Logger(label: "azure-standin") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        let declared = try scenario.map(ScenarioFile.read) ?? .standard
        let assembly = try await Assembly(directory: directory, scenario: declared, logger: logger)
        try await assembly.run()
    }
}
