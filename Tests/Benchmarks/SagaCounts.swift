import Synchronization

/// What a worker did so far, counted outside of it.
struct SagaTotals: Sendable, Equatable {
    /// Deliveries whose handling was committed.
    var handled = 0
    /// Deliveries that the worker acknowledged.
    var acknowledged = 0
    /// Publications of the worker that the broker confirmed.
    var confirmed = 0
    /// Requests that the load published, confirmed like the others.
    var requested = 0
    var rotationsEnded = 0
    /// Rotations that ended in another way than they should.
    var rotationsFailed = 0

    /// A step is a delivery, its journal commits and a confirmed publication: the least counts.
    var steps: Int { min(handled, acknowledged, confirmed) }
}

/// The totals, shared between the decorated ports.
final class SagaCounts: Sendable {
    private let state = Mutex(SagaTotals())

    var totals: SagaTotals { state.withLock { $0 } }

    func change(_ body: (inout SagaTotals) -> Void) { state.withLock { body(&$0) } }
}
