import RekeyCore
import RekeyPorts
import Synchronization

/// One worker's life, known to all of its tasks: after its end none of their calls is made.
///
/// So a worker in this process leaves what a killed one leaves.
final class Life: Sendable {
    @TaskLocal static var current: Life?

    private let hasEnded = Mutex(false)

    var isOver: Bool { hasEnded.withLock { $0 } }

    func end() { hasEnded.withLock { $0 = true } }

    /// Throws where the caller is a part of a worker that is dead.
    static func check() throws(StepFailure) {
        guard current?.isOver == true else { return }
        throw StepFailure(.unknown, "this worker is dead")
    }

    /// The same, in the journal's terms.
    static func checkJournal() throws(JournalFailure) {
        guard current?.isOver == true else { return }
        throw .unavailable("this worker is dead")
    }
}
