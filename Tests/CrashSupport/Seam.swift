package import RekeyCore
import Synchronization

/// Stands before and after every port call of one worker's life.
///
/// It counts the calls, and at the points of its plan ends the worker or makes the call go wrong.
/// After the end nothing passes any more: a call waits until its task is cancelled, and then
/// fails without having been made. So a worker in this process leaves what a killed one leaves.
package final class Seam: Sendable {
    /// Makes a call later that was on its way when its caller gave it up.
    package typealias Postpone = @Sendable (_ call: @escaping @Sendable () async -> Void) -> Void

    private struct State {
        var counts: [String: Int]
        var underWay = 0
        var isDead = false
        var hits: [SeamFault] = []
        var trace: [SeamPoint] = []
    }

    private let faults: [SeamPoint: SeamFault]
    private let die: @Sendable () -> Void
    private let postpone: Postpone
    private let watch: @Sendable (_ point: SeamPoint) async -> Void
    private let standstill: SeamStandstill?
    private let state: Mutex<State>

    /// `die` ends the process, or tells whoever is to cancel the worker.
    ///
    /// `counts` are what earlier workers of the same world have called already. `watch` is called
    /// after every call that was made, before anything may go wrong there, with the side `after`.
    /// At the point of `standstill` the process stands still, and then the call goes on.
    package init(
        _ faults: [SeamFault] = [],
        countingFrom counts: [String: Int] = [:],
        standstill: SeamStandstill? = nil,
        postpone: @escaping Postpone = { _ in },
        die: @escaping @Sendable () -> Void,
        watch: @escaping @Sendable (_ point: SeamPoint) async -> Void = { _ in }
    ) {
        self.faults = Dictionary(faults.map { ($0.point, $0) }) { first, _ in first }
        self.postpone = postpone
        self.die = die
        self.watch = watch
        self.standstill = standstill
        state = Mutex(State(counts: counts))
    }

    /// How often each name was called.
    package var counts: [String: Int] { state.withLock { $0.counts } }

    /// The faults that happened, in their order.
    package var hits: [SeamFault] { state.withLock { $0.hits } }

    /// Every point that was passed or hit, in order.
    package var trace: [SeamPoint] { state.withLock { $0.trace } }

    /// How many calls were begun and have not ended.
    package var underWay: Int { state.withLock { $0.underWay } }

    package var isDead: Bool { state.withLock { $0.isDead } }

    /// Makes one call between its two points.
    ///
    /// `failing` puts a fault into the port's own terms.
    package func pass<Value: Sendable, Failure: Error>(
        _ name: String,
        failing: (StepFailure) -> Failure,
        _ call: @escaping @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let ordinal = state.withLock { state -> Int? in
            guard !state.isDead else { return nil }
            state.counts[name, default: 0] += 1
            state.underWay += 1
            return state.counts[name, default: 0]
        }
        guard let ordinal else { throw failing(await death()) }
        defer { state.withLock { $0.underWay -= 1 } }
        let before = SeamPoint(name, ordinal, .before)
        if faults[before]?.isLate == true {
            postpone {
                // Nobody is left to hear how it went.
                _ = try? await call()
            }
        }
        if let failure = await stop(at: before) { throw failing(failure) }
        let outcome: Result<Value, Failure>
        do { outcome = .success(try await call()) } catch { outcome = .failure(error) }
        let point = SeamPoint(name, ordinal, .after)
        await watch(point)
        if let failure = await stop(at: point) { throw failing(failure) }
        return try outcome.get()
    }

    /// What goes wrong here, if anything does.
    private func stop(at point: SeamPoint) async -> StepFailure? {
        if let standstill, standstill.point == point { standstill.stand() }
        let fault = faults[point]
        let isDead = state.withLock { state in
            guard !state.isDead else { return true }
            state.trace.append(point)
            guard let fault else { return false }
            state.hits.append(fault)
            state.isDead = fault.ends
            return fault.ends
        }
        guard isDead else { return fault?.failure }
        if fault?.ends == true { die() }
        return await death()
    }

    /// Returns once the worker is cancelled, with what its last calls fail with.
    private func death() async -> StepFailure {
        let (never, end) = AsyncStream.makeStream(of: Void.self)
        await withTaskCancellationHandler {
            for await _ in never {}
        } onCancel: {
            end.finish()
        }
        return StepFailure(.unknown, "seam: this worker is dead")
    }
}
