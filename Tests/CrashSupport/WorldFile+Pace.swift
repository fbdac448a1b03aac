extension WorldFile {
    /// The times of workers that share a journal, where they are to be other than usual.
    package struct Pace: Codable, Sendable {
        package var claimSeconds: Double
        package var callDeadlineSeconds: Double
        /// After how long without a sign of life a worker's rows go to another.
        package var replicaSeconds: Double
        package var beatSeconds: Double
        /// After about two of these without a word the broker takes back what it delivered.
        package var heartbeatSeconds: Int

        package init(
            claimSeconds: Double,
            callDeadlineSeconds: Double,
            replicaSeconds: Double,
            beatSeconds: Double,
            heartbeatSeconds: Int
        ) {
            self.claimSeconds = claimSeconds
            self.callDeadlineSeconds = callDeadlineSeconds
            self.replicaSeconds = replicaSeconds
            self.beatSeconds = beatSeconds
            self.heartbeatSeconds = heartbeatSeconds
        }
    }

    /// What a worker that stood still notes of itself, beside the trace.
    package var notes: String { "\(trace).notes" }

    /// Where a worker is to stand still, as its point is written.
    package static let standstillVariable = "REKEY_STANDSTILL"
    package static let stands = "stands"
    /// It goes on, has nothing in hand any more, and no call is under way.
    package static let settled = "settled"
    /// The journal refused what it wanted to write under a claim that had gone to another.
    package static let refused = "refused"
}
