import Synchronization

/// How a command ended, for one who waits; cancelling the wait does not shorten it.
final class CommandEnd: Sendable {
    enum Exit: Equatable, Sendable {
        case status(Int32)
        case signal(Int32)
    }

    private enum State {
        case running
        case awaited(CheckedContinuation<Exit, Never>)
        case ended(Exit)
    }

    private let state = Mutex(State.running)

    /// Only the first word counts.
    func hasCome(_ exit: Exit) {
        let waiter = state.withLock { state -> CheckedContinuation<Exit, Never>? in
            switch state {
            case .ended: return nil
            case .running:
                state = .ended(exit)
                return nil
            case .awaited(let waiter):
                state = .ended(exit)
                return waiter
            }
        }
        waiter?.resume(returning: exit)
    }

    /// Returns once the end has come.
    ///
    /// May be called once.
    func wait() async -> Exit {
        await withCheckedContinuation { waiter in
            let exit = state.withLock { state -> Exit? in
                if case .ended(let exit) = state { return exit }
                state = .awaited(waiter)
                return nil
            }
            if let exit { waiter.resume(returning: exit) }
        }
    }
}
