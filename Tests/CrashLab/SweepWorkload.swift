import RekeyCore
import RekeyPorts
import Synchronization

/// An application that outlives the workers: it holds what it was last told to take up.
final class SweepWorkload: Workload {
    private struct State {
        var taken: Set<NaturalKey> = []
        var held: [CarrierVersion]
    }

    private let shows: @Sendable ([CarrierVersion]) -> Bool
    private let state: Mutex<State>

    /// `shows` says whether it ever shows evidence of these versions.
    init(
        holding initial: [CarrierVersion],
        shows: @escaping @Sendable ([CarrierVersion]) -> Bool
    ) {
        self.shows = shows
        state = Mutex(State(held: initial))
    }

    var held: [CarrierVersion] { state.withLock { $0.held } }

    /// How often it took something up.
    var refreshes: Int { state.withLock { $0.taken.count } }

    func refresh(_ order: WorkloadOrder) async throws(StepFailure) {
        state.withLock { state in
            // The same order again has no second effect.
            guard state.taken.insert(order.key).inserted else { return }
            state.held = order.carriers
        }
    }

    func observe(_ order: WorkloadOrder) async throws(StepFailure) -> Evidence {
        guard held == order.carriers else { return Evidence(.none) }
        return Evidence(shows(order.carriers) ? .healthy : .none)
    }

    func preflight() async throws(StepFailure) -> [Finding] { [] }
}
