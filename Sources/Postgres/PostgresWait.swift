import CPostgres
import Glibc

/// Waits for a socket, for a moment, or for somebody who interrupts.
@safe final class PostgresWait: Sendable {
    enum Outcome { case ready, timedOut, interrupted }

    /// An eventfd(2) that becomes readable once and stays so.
    private let interrupter = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))

    deinit { close(interrupter) }

    /// Ends every present and later wait.
    ///
    /// May be called from any thread.
    func interrupt() { _ = eventfd_write(interrupter, 1) }

    /// Waits until `socket` can do one of `events`, as poll(2) names them.
    func wait(
        for socket: Int32,
        _ events: Int32,
        until deadline: ContinuousClock.Instant
    ) -> Outcome {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return .timedOut }
            let milliseconds = min(left / .milliseconds(1), Double(Int32.max - 1))
            var descriptors = [
                pollfd(fd: socket, events: Int16(events), revents: 0),
                pollfd(fd: interrupter, events: Int16(POLLIN), revents: 0),
            ]
            let limit = Int32(milliseconds) + 1
            let count = unsafe poll(&descriptors, nfds_t(descriptors.count), limit)
            if descriptors[1].revents != 0 { return .interrupted }
            if descriptors[0].revents != 0 { return .ready }
            if count < 0, errno != EINTR { return .interrupted }
        }
    }
}
