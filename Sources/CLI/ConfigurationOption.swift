import ArgumentParser
import Foundation
import RekeyConfiguration

/// Where the configuration is: `--config`, or `REKEY_CONFIG`, or `rekey.yaml` here.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .long, help: "The configuration (default: $REKEY_CONFIG, else rekey.yaml).")
    var config: String?

    var path: String {
        config ?? ProcessInfo.processInfo.environment["REKEY_CONFIG"] ?? "rekey.yaml"
    }

    func load() throws -> Settings {
        do {
            return try Settings.load(path: path)
        } catch {
            throw Problem(error)
        }
    }
}
