import Dispatch
import Synchronization

/// Runs all jobs of one world on one thread, one after the other, in the order in which they
/// became ready: a run with the same plan does the same things in the same order.
package final class WorldExecutor: TaskExecutor {
    private struct State {
        var ready: [@Sendable () -> Void] = []
        var next = 0
        /// What was ready before somebody asked to be alone, one list for each who did.
        var held: [[@Sendable () -> Void]] = []
        var isWaiting = false
    }

    private let state = Mutex(State())
    private let arrivals = DispatchSemaphore(value: 0)

    package init() {}

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = unsafe asUnownedTaskExecutor()
        let isAwaited = state.withLock { state in
            state.ready.append { unsafe job.runSynchronously(on: executor) }
            defer { state.isWaiting = false }
            return state.isWaiting
        }
        if isAwaited { arrivals.signal() }
    }

    /// Runs on the calling thread until `isOver`, or until nothing moves any more.
    ///
    /// When nothing is ready, `idle` is asked to go on with something. Where it has nothing,
    /// somebody waits for another thread: a journal's, or one of those on which ServiceLifecycle
    /// tells of a cancellation.
    package func run(until isOver: () -> Bool, whenIdle idle: () -> Bool) {
        while !isOver() {
            if let job = takeJob() {
                job()
            } else if isHeld || !idle() {
                guard waitForJob() else { return }
            }
        }
    }

    /// Lets nothing of this world run but what `body` itself sets off, in other threads too.
    func alone<Value, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        state.withLock { state in
            state.held.append(Array(state.ready[state.next...]))
            state.ready = []
            state.next = 0
        }
        defer {
            state.withLock { state in
                let held = state.held.popLast() ?? []
                state.ready = held + state.ready[state.next...]
                state.next = 0
            }
        }
        return try await body()
    }

    private func takeJob() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.next < state.ready.count else {
                state.ready.removeAll(keepingCapacity: true)
                state.next = 0
                return nil
            }
            state.next += 1
            return state.ready[state.next - 1]
        }
    }

    /// Whether somebody is alone, and so waits for another thread.
    private var isHeld: Bool { state.withLock { !$0.held.isEmpty } }

    /// False where none came for so long that none will.
    private func waitForJob() -> Bool {
        let mustWait = state.withLock { state in
            state.isWaiting = state.next >= state.ready.count
            return state.isWaiting
        }
        return !mustWait || arrivals.wait(timeout: .now() + Self.longestWaitSeconds) == .success
    }

    private static let longestWaitSeconds = 20.0
}
