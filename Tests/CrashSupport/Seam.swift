package import RekeyCore
import Synchronization

/// Stands before and after every port call of one worker's life.
///
/// It counts the calls, and at one point of its plan ends the worker or makes the call go wrong.
/// After the end nothing passes any more: a call waits until its task is cancelled, and then
/// fails without having been made. So a worker in this process leaves what a killed one leaves.
package final class Seam: Sendable {
    private struct State {
        var counts: [String: Int] = [:]
        var isDead = false
        var wasHit = false
    }

    private let fault: SeamFault?
    private let die: @Sendable () -> Void
    private let watch: @Sendable (_ point: SeamPoint) async -> Void
    private let state = Mutex(State())

    /// `die` ends the process, or tells whoever is to cancel the worker.
    ///
    /// `watch` is called after every call that was made, before anything may go wrong there, with
    /// the side `after`.
    package init(
        _ fault: SeamFault? = nil,
        die: @escaping @Sendable () -> Void,
        watch: @escaping @Sendable (_ point: SeamPoint) async -> Void = { _ in }
    ) {
        self.fault = fault
        self.die = die
        self.watch = watch
    }

    /// How often each name was called.
    package var counts: [String: Int] { state.withLock { $0.counts } }

    /// Whether the plan's point was reached.
    package var wasHit: Bool { state.withLock { $0.wasHit } }

    /// Makes one call between its two points.
    ///
    /// `failing` puts a fault into the port's own terms.
    package func pass<Value, Failure: Error>(
        _ name: String,
        failing: (StepFailure) -> Failure,
        _ call: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let ordinal = state.withLock { state in
            state.counts[name, default: 0] += 1
            return state.counts[name, default: 0]
        }
        if let failure = await stop(at: SeamPoint(name, ordinal, .before)) {
            throw failing(failure)
        }
        let outcome: Result<Value, Failure>
        do { outcome = .success(try await call()) } catch { outcome = .failure(error) }
        let point = SeamPoint(name, ordinal, .after)
        await watch(point)
        if let failure = await stop(at: point) { throw failing(failure) }
        return try outcome.get()
    }

    /// What goes wrong here, if anything does.
    private func stop(at point: SeamPoint) async -> StepFailure? {
        let isDead = state.withLock { state in
            if fault?.point == point {
                state.wasHit = true
                if fault?.failure == nil { state.isDead = true }
            }
            return state.isDead
        }
        guard isDead else { return fault?.point == point ? fault?.failure : nil }
        if fault?.point == point { die() }
        await Self.cancellation()
        return StepFailure(.unknown, "seam: this worker is dead")
    }

    private static func cancellation() async {
        let (never, end) = AsyncStream.makeStream(of: Void.self)
        await withTaskCancellationHandler {
            for await _ in never {}
        } onCancel: {
            end.finish()
        }
    }
}
