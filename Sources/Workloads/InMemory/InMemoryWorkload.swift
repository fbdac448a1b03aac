package import RekeyCore
package import RekeyPorts
import Synchronization

/// A workload in memory: it takes a credential up when it is told to, and shows what it has.
package final class InMemoryWorkload: Workload {
    private struct State {
        var taken: [NaturalKey: [CarrierVersion]] = [:]
        var held: [CarrierVersion] = []
        var refreshes = 0
        var failures: [StepFailure] = []
        var level = EvidenceLevel.proved
    }

    private let state = Mutex(State())

    package init() {}

    package func refresh(_ order: WorkloadOrder) async throws(StepFailure) {
        try fail()
        state.withLock { state in
            // The same order again has no second effect.
            guard state.taken[order.key] == nil else { return }
            state.taken[order.key] = order.carriers
            state.held = order.carriers
            state.refreshes += 1
        }
    }

    package func observe(_ order: WorkloadOrder) async throws(StepFailure) -> Evidence {
        try fail()
        return state.withLock { Evidence($0.held == order.carriers ? $0.level : .none) }
    }

    package func preflight() async throws(StepFailure) -> [Finding] { [] }

    /// The versions that it has now.
    package var held: [CarrierVersion] { state.withLock { $0.held } }

    package var refreshCount: Int { state.withLock { $0.refreshes } }

    /// What it shows from now on of what it has taken up.
    package func show(_ level: EvidenceLevel) { state.withLock { $0.level = level } }

    /// The next calls fail with these, in order.
    package func fail(with failures: [StepFailure]) { state.withLock { $0.failures += failures } }

    private func fail() throws(StepFailure) {
        let failure = state.withLock { state in
            state.failures.isEmpty ? nil : state.failures.removeFirst()
        }
        if let failure { throw failure }
    }
}
