package import RekeyCore
package import RekeyPorts
import Synchronization

/// A hook in memory: it keeps what it was handed, and ends as it is told to.
package final class InMemoryHook: Hook {
    private struct State {
        var runs: [NaturalKey: HookProgressReport] = [:]
        var orders: [HookOrder] = []
        var end = HookProgressReport.succeeded("in memory")
        var failures: [StepFailure] = []
    }

    package let needsValue: Bool
    private let state = Mutex(State())

    package init(needsValue: Bool = false) { self.needsValue = needsValue }

    package func start(_ order: HookOrder) async throws(StepFailure) {
        let failure = state.withLock { state in
            state.failures.isEmpty ? nil : state.failures.removeFirst()
        }
        if let failure { throw failure }
        state.withLock { state in
            // The same key again starts no second run.
            guard state.runs[order.key] == nil else { return }
            state.runs[order.key] = .running
            state.orders.append(order)
        }
    }

    package func follow(_ order: HookOrder) async throws(StepFailure) -> HookProgressReport {
        state.withLock { state in
            guard state.runs[order.key] != nil else { return .notStarted }
            return state.end
        }
    }

    package func preflight() async throws(StepFailure) -> [Finding] { [] }

    /// What it was handed, one for each run that began.
    package var orders: [HookOrder] { state.withLock { $0.orders } }

    /// How it ends from now on.
    package func end(with report: HookProgressReport) { state.withLock { $0.end = report } }

    package func fail(with failures: [StepFailure]) { state.withLock { $0.failures += failures } }
}
