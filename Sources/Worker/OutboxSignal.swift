import Synchronization

/// Wakes the relay, and says about how many rows came since it last read the outbox.
///
/// The number only says whether a read is worth its while; what is there, the table says.
final class OutboxSignal: Sendable {
    private let signal = Signal()
    private let count = Mutex(0)

    /// How many rows came since `readingBegins`, at least.
    var rowCount: Int { count.withLock { $0 } }

    func raise(by rows: Int) {
        count.withLock { $0 += rows }
        signal.raise()
    }

    /// Has the relay see whether a batch may begin.
    func raise() { signal.raise() }

    /// Counts anew: what comes from now on may be missing in what is read.
    func readingBegins() { count.withLock { $0 = 0 } }

    func wait() async { await signal.wait() }
}
