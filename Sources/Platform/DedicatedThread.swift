import COpenSSL
import Dispatch
import Foundation
import Synchronization

/// Runs the jobs of one actor on one thread that nothing else uses.
///
/// A C client that blocks, and whose handle is not thread-safe, gets an actor on a thread of its
/// own: the handle then has one owner, and the cooperative pool is never held up.
package final class DedicatedThread: SerialExecutor {
    /// The stack of a thread that says nothing else: what Linux gives the first thread.
    package static let defaultStackByteCount = 8 * 1024 * 1024

    private let mailbox = Mailbox()

    /// Starts a thread with at least `stackByteCount` bytes of stack, rounded up to whole pages.
    ///
    /// The name is for debuggers, and Linux keeps 15 bytes of it.
    package init(
        name: String,
        stackByteCount: Int = DedicatedThread.defaultStackByteCount
    ) {
        let thread = Thread(named: name) { [mailbox] in mailbox.deliver() }
        thread.stackSize = stackByteCount
        thread.start()
    }

    deinit { mailbox.close() }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = unsafe asUnownedSerialExecutor()
        mailbox.post { unsafe job.runSynchronously(on: executor) }
    }

    package func checkIsolated() {
        precondition(mailbox.isOnItsThread, "Called away from its dedicated thread.")
    }
}

extension Thread {
    /// A thread that names itself; Linux keeps 15 bytes of a name.
    ///
    /// Foundation passes its own `name` on only when the thread has not begun to run too early.
    convenience init(named name: String, body: @escaping @Sendable () -> Void) {
        self.init {
            _ = unsafe rekey_name_thread(name)
            body()
        }
    }
}

/// Jobs on their way to one thread.
private final class Mailbox: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let arrivals = DispatchSemaphore(value: 0)
    private let thread = Atomic<UInt>(0)

    var isOnItsThread: Bool { thread.load(ordering: .acquiring) == UInt(pthread_self()) }

    func post(_ job: @escaping @Sendable () -> Void) {
        state.withLock { $0.jobs.append(job) }
        arrivals.signal()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        arrivals.signal()
    }

    func deliver() {
        thread.store(UInt(pthread_self()), ordering: .releasing)
        while true {
            arrivals.wait()
            let (jobs, isClosed) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isClosed)
            }
            for job in jobs { job() }
            if isClosed { return }
        }
    }
}
