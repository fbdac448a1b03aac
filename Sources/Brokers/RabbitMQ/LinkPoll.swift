import Glibc

/// Waits for a connection's socket or its mailbox.
enum LinkPoll {
    /// Returns at once where either is readable, and after `wait` at the latest.
    static func wait(_ socket: Int32, _ mailbox: Int32, for wait: Duration) {
        var descriptors = [
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
            pollfd(fd: mailbox, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = Int32(clamping: Int64(wait / .milliseconds(1)))
        _ = unsafe poll(&descriptors, nfds_t(descriptors.count), max(milliseconds, 0))
    }
}
