import ArgumentParser
import Foundation
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey status`: what is in flight, due, stuck, owed.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what is in flight, due, stuck and owed. It changes nothing."
    )

    @OptionGroup var configuration: ConfigurationOption
    @Flag(help: "One JSON document; with --watch one for each change, a line each.")
    var json = false
    @Flag(help: "Show it again whenever it changes, until it is interrupted.")
    var watch = false

    /// How often the journal is read.
    private static let interval = Duration.milliseconds(250)

    func run() async throws {
        let assembly = Assembly(try configuration.load())
        let reader = try await assembly.openReader(SystemClock())
        var shown: StatusReport?
        repeat {
            let report = try await StatusReport(reader, assembly.settings.definitions, at: Date())
            if report != shown {
                if watch, !json { Console.line("\(Timestamp.text(Date()))") }
                if json { try Console.json(report) } else { report.show() }
                shown = report
            }
            if watch { try await Task.sleep(for: Self.interval) }
        } while watch
    }
}
