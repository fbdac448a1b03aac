import ArgumentParser
import Foundation

/// Gives every parser of outside bytes what nobody would send it on purpose.
@main
struct RekeyFuzz: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey-fuzz",
        abstract: "Tries every parser of outside bytes on mutated inputs.",
        subcommands: [List.self, Run.self, Replay.self, Explore.self]
    )
}

/// Names the targets.
struct List: ParsableCommand {
    func run() { for target in FuzzTarget.all { print(target.name) } }
}

/// Tries one target on its corpus and on mutations of it, the same for the same seed.
struct Run: AsyncParsableCommand {
    @Argument(help: "The target's name.")
    var target: String

    @Option(help: "The folder that holds a folder of seeds for each target.")
    var corpus: String

    @Option(help: "How many inputs beyond the corpus.")
    var inputs = 10_000

    @Option(help: "Stop after so many seconds.")
    var seconds: Double?

    @Option(help: "What the mutations are drawn by.")
    var seed: UInt64 = 1

    @Option(help: "The file that holds the input being tried, and afterwards the one that failed.")
    var keep: String

    @Option(help: "How many seconds one input may take.")
    var patience = Watch.patienceSeconds

    func run() async throws {
        let target = try FuzzTarget.called(target)
        let watch = try Watch(keepingIn: keep, patienceSeconds: patience)
        watch.start()
        let campaign = Campaign(target: target, corpus: corpus, seed: seed, watch: watch)
        let deadline = seconds.map { Date() + $0 } ?? .distantFuture
        let result = try await campaign.run(seconds == nil ? inputs : .max / 2, until: deadline)
        guard let broken = result.broken else { return print("\(result.inputs) inputs") }
        print("input \(result.inputs): \(broken.promise)")
        print(String(reflecting: String(decoding: broken.input.prefix(400), as: UTF8.self)))
        throw ExitCode.failure
    }
}

/// Tries one input, such as one that failed.
struct Replay: AsyncParsableCommand {
    @Argument(help: "The target's name.")
    var target: String

    @Argument(help: "The file with the input.")
    var file: String

    @Option(help: "How many seconds it may take.")
    var patience = Watch.patienceSeconds

    func run() async throws {
        let target = try FuzzTarget.called(target)
        let watch = try Watch(keepingIn: nil, patienceSeconds: patience)
        watch.start()
        let input = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        try watch.begin(input)
        do {
            try await target.check(input)
        } catch {
            print("\(error)")
            throw ExitCode.failure
        }
    }
}

extension FuzzTarget {
    fileprivate static func called(_ name: String) throws -> FuzzTarget {
        guard let target = named(name) else { throw ValidationError("no target named \(name)") }
        return target
    }
}
