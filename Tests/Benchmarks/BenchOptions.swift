import ArgumentParser
import Foundation

/// What all measurements have in common.
struct BenchOptions: ParsableArguments {
    @Option(help: "How many rounds are measured; the median counts.")
    var rounds = 5

    @Option(help: "How long one round is measured, in seconds.")
    var seconds = 10.0

    @Option(help: "How long a round runs before it is measured, in seconds.")
    var warmUp = 2.0

    @Option(help: "Prefetch and confirm window.")
    var window = 64

    @Option(help: "The size of an event, in bytes.")
    var eventBytes = 1024

    @Flag(help: "End with one line of JSON.")
    var json = false

    func validate() throws {
        guard (1...1_000).contains(rounds) else {
            throw ValidationError("--rounds is 1 to 1000")
        }
        guard seconds > 0, warmUp >= 0 else {
            throw ValidationError("--seconds is above 0, and --warm-up not below")
        }
        guard (1...Int(UInt16.max)).contains(window) else {
            throw ValidationError("--window is 1 to 65535")
        }
        guard (64...65_536).contains(eventBytes) else {
            throw ValidationError("--event-bytes is 64 to 65536")
        }
    }
}

/// The load and the saga's own settings.
struct SagaOptions: ParsableArguments {
    @Option(help: "How many credentials there are.")
    var credentials = 2_000

    @Option(help: "How many of them rotate at once.")
    var inFlight = 512

    @Option(help: "How many rotations and credentials the worker works on at once.")
    var turns = 512

    @Option(help: "Where the journal is made: a folder on a disk, not in memory.")
    var directory = "."

    func validate() throws {
        guard (1...4_096).contains(turns) else { throw ValidationError("--turns is 1 to 4096") }
        guard (1...100_000).contains(credentials), (1...credentials).contains(inFlight) else {
            throw ValidationError("--in-flight is 1 to --credentials, which is at most 100000")
        }
    }
}
