import ArgumentParser

/// How long a request waits for a worker: `--answer-within`.
struct AnswerOption: ParsableArguments {
    /// A worker that is busy with hundreds of rotations still answers sooner.
    static let defaultSeconds = 15.0
    static let longestSeconds = 86_400.0

    @Option(help: "How many seconds to wait for a worker's answer.")
    var answerWithin = Self.defaultSeconds

    func validate() throws {
        guard (0.1...Self.longestSeconds).contains(answerWithin) else {
            throw ValidationError("--answer-within is 0.1 to 86400 seconds")
        }
    }
}
