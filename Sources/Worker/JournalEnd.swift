import RekeyPorts
import Synchronization

/// Tells the worker once its journal takes nothing more.
///
/// Every turn would fail and be repeated for ever, while the broker's owner queue keeps every other
/// worker out. Whoever watches the process starts it again, and the journal is opened anew.
final class JournalEnd: Sendable {
    private let failure = Mutex<JournalFailure?>(nil)
    private let signal = Signal()

    /// Takes note of a failure, of which only `ended` counts.
    func note(_ failure: JournalFailure) {
        guard case .ended = failure else { return }
        self.failure.withLock { $0 = $0 ?? failure }
        signal.raise()
    }

    /// Throws what ended the journal, once something has; returns when the task is cancelled.
    func wait() async throws(JournalFailure) {
        await signal.wait()
        if let failure = failure.withLock(\.self) { throw failure }
    }
}
