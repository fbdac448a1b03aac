import CrashSupport
import Synchronization

/// Holds each credential's rotation after another one of its calls, until all are let go.
final class Moments: Sendable {
    private struct State {
        /// After which of its calls a credential is held.
        var wanted: [Int: Int] = [:]
        var counts: [Int: Int] = [:]
        var names: [Int: String] = [:]
        var isOpen = true
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Counts the calls anew, and holds each credential after its own number of them.
    func shut(_ wanted: [Int: Int]) {
        state.withLock { $0 = State(wanted: wanted, isOpen: false) }
    }

    /// Where each is held, by the credential's number.
    var held: [Int: String] { state.withLock { $0.names } }

    /// How many calls each credential's rotation has made.
    var counts: [Int: Int] { state.withLock { $0.counts } }

    /// Lets all go, and holds nothing more.
    func open() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isOpen = true
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns at once unless `credential` is to be held here.
    func pass(_ credential: Int, _ point: SeamPoint) async {
        let isHeld = state.withLock { state in
            state.counts[credential, default: 0] += 1
            let isHere = state.wanted[credential] == state.counts[credential]
            guard isHere, !state.isOpen else { return false }
            state.names[credential] = point.name
            return true
        }
        guard isHeld else { return }
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
