import ArgumentParser
import RekeyPlatform

/// `rekey`: replaces secrets before they expire, everywhere they are used.
@main
struct RekeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Replaces secrets before they expire, without anyone being locked out.",
        version: rekeyVersion,
        subcommands: [
            Run.self, WorkerCommand.self, GatewayCommand.self, Check.self, Plan.self, Rotate.self,
            Status.self, History.self, Init.self,
            Approve.self, Reject.self, Resume.self, Rollback.self, Abandon.self, Pause.self,
            Unpause.self, Adopt.self, Recover.self, Parked.self, TopologyCommand.self,
            Audit.self, Site.self, Agent.self,
        ]
    )

    static func main() async {
        // Every command reads a secret or other. Those that keep running log what fails.
        _ = ProcessHardening.apply()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let problem as Problem {
            problem.report()
            exit(withError: ExitCode(problem.code))
        } catch {
            let code = exitCode(for: error)
            guard code != .success && code != .validationFailure else { exit(withError: error) }
            if error is ExitCode { exit(withError: error) }
            Problem(describing: error).report()
            exit(withError: ExitCode(Problem(describing: error).code))
        }
    }
}

let rekeyVersion = "0.1.0"
