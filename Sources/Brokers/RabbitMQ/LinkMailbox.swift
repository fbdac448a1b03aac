import CRabbitMQ
import Glibc
import Synchronization

/// Commands on their way to a connection's thread, which an eventfd wakes.
final class LinkMailbox<Command: Sendable>: Sendable {
    private struct State {
        var commands: [Command] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Readable while there are commands; -1 where the system had none to give.
    let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))

    init() {
        precondition(descriptor >= 0, "The system has no descriptor left for a mailbox.")
    }

    deinit { close(descriptor) }

    /// Returns false where nobody will ever read it.
    func post(_ command: Command) -> Bool {
        let (isFirst, isClosed) = state.withLock { state in
            guard !state.isClosed else { return (false, true) }
            state.commands.append(command)
            return (state.commands.count == 1, false)
        }
        if isFirst { _ = eventfd_write(descriptor, 1) }
        return !isClosed
    }

    /// Takes all of them, in order.
    func take() -> [Command] {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(descriptor, &count)
        return state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Takes those that `isDue` says, and leaves the others in order.
    func take(where isDue: (Command) -> Bool) -> [Command] {
        state.withLock { state in
            let due = state.commands.filter(isDue)
            state.commands.removeAll(where: isDue)
            return due
        }
    }

    /// Refuses further commands, and returns those that nobody will read.
    func shut() -> [Command] {
        state.withLock { state in
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
    }
}
