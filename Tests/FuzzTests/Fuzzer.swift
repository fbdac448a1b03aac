import Foundation
import RealParts

/// The program `rekey-fuzz` of the same build, in processes of its own: a parser may end one.
struct Fuzzer {
    /// As many for each target; the same each time, since the seed is.
    private static let inputs = 800
    private static let seed = 20_261_121
    private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Corpus")

    /// The folders of the corpus, but for those of the planted mistakes.
    static let targets: [String] = {
        // Without a corpus no target is found, which a test refuses.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: corpus.path)) ?? []
        return names.filter { !$0.hasPrefix("planted-") }.sorted()
    }()

    static var corpusByteCount: Int {
        get throws {
            let paths = try FileManager.default.subpathsOfDirectory(atPath: corpus.path)
            return try paths.reduce(0) { sum, path in
                let place = corpus.appendingPathComponent(path).path
                let attributes = try FileManager.default.attributesOfItem(atPath: place)
                let isFile = attributes[.type] as? FileAttributeType == .typeRegular
                return sum + (isFile ? (attributes[.size] as? NSNumber)?.intValue ?? 0 : 0)
            }
        }
    }

    private let folder: TemporaryDirectory
    private let program: String
    private var kept: String { folder.file("input") }

    init() throws {
        folder = try TemporaryDirectory("fuzz")
        program = try BuiltProgram.path("rekey-fuzz")
    }

    func list() async throws -> [String] {
        try await start(["list"]).output.split(separator: "\n").map(String.init).sorted()
    }

    func run(_ target: String, _ options: [String] = []) async throws -> ChildProcess.Outcome {
        let fixed = [
            "run", target, "--corpus", Self.corpus.path, "--keep", kept,
            "--inputs", "\(Self.inputs)", "--seed", "\(Self.seed)",
        ]
        return try await start(fixed + options)
    }

    /// Tries the input alone that the last run ended with.
    func replay(_ target: String) async throws -> ChildProcess.Outcome {
        try await start(["replay", target, kept, "--patience", "1"])
    }

    /// What there is to say of a failure: the last words, and the input to make a test of.
    func report(_ target: String, _ outcome: ChildProcess.Outcome) throws -> String {
        let input = try Data(contentsOf: URL(fileURLWithPath: kept)).base64EncodedString()
        return "\(target): \(outcome.output)\(outcome.errors.prefix(600))\nbase64: \(input)"
    }

    private func start(_ arguments: [String]) async throws -> ChildProcess.Outcome {
        var environment = ProcessInfo.processInfo.environment
        // A trap is told by its message; symbols take a minute on a busy machine.
        environment["SWIFT_BACKTRACE"] = "enable=no"
        return try await ChildProcess.run(
            program,
            arguments,
            environment: environment,
            within: .seconds(240)
        )
    }
}
