import RealParts
import Synchronization
import Testing

@testable import RekeyWorker

@Suite(.timeLimit(.minutes(1))) struct `A signal` {
    @Test func `that was raised before the wait is not lost`() async {
        let signal = Signal()
        signal.raise()
        signal.raise()
        await signal.wait()
    }

    // A cancelled wait ended the stream that a signal once was, and its loop then never slept.
    @Test func `still waits after a wait was cancelled`() async throws {
        let signal = Signal()
        let first = Task { await signal.wait() }
        first.cancel()
        await first.value

        let hasEnded = Atomic(false)
        let second = Task {
            await signal.wait()
            hasEnded.store(true, ordering: .releasing)
        }
        for _ in 0..<100 { await Task.yield() }
        let isEarly = hasEnded.load(ordering: .acquiring)
        #expect(!isEarly)
        signal.raise()
        await second.value
    }
}
