import Synchronization

/// Lets one writer at a time at an application, in this process.
///
/// Adding and removing passwords is not atomic at Graph: two at once may undo each other
/// (azure.md §4). Other processes are kept away by the rotation's claim.
final class WriteTurn: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let turns = Mutex<[String: WriteTurn]>([:])
    private let state = Mutex(State())

    /// The one turn for an application id.
    static func of(application: String) -> WriteTurn {
        turns.withLock { turns in
            if let turn = turns[application] { return turn }
            let turn = WriteTurn()
            turns[application] = turn
            return turn
        }
    }

    /// Returns when it is the caller's turn, who then has to `give` it back.
    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.isTaken else {
                    state.isTaken = true
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func give() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.isTaken = false
            return nil
        }
        next?.resume()
    }
}
