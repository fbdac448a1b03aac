import RekeyCore
import RekeyPorts
import Synchronization

/// An application that holds what it was last told to take up, and counts how often that was.
final class TroubleWorkload: Workload {
    private struct State {
        var taken: Set<NaturalKey> = []
        var held: [CarrierVersion]
    }

    private let state: Mutex<State>

    init(holding first: CarrierVersion) { state = Mutex(State(held: [first])) }

    var held: [CarrierVersion] { state.withLock { $0.held } }

    var refreshes: Int { state.withLock { $0.taken.count } }

    func refresh(_ order: WorkloadOrder) async throws(StepFailure) {
        state.withLock { state in
            // The same order again has no second effect.
            guard state.taken.insert(order.key).inserted else { return }
            state.held = order.carriers
        }
    }

    func observe(_ order: WorkloadOrder) async throws(StepFailure) -> Evidence {
        Evidence(held == order.carriers ? .healthy : .none)
    }

    func preflight() async throws(StepFailure) -> [Finding] { [] }
}
