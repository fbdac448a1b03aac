import Glibc
import Synchronization

/// Ends a connection whose thread has been inside one C call for too long.
///
/// A publish to a dead peer never returns in librabbitmq 0.11 (trap 2 of
/// deploy/rabbitmq/README.md).
/// The descriptor is a duplicate, since the library closes its own and the number is used again.
final class CallWatch: Sendable {
    private let descriptor = Mutex<Int32?>(nil)
    /// Nanoseconds of the monotonic clock, 0 while outside.
    private let entered = Atomic<UInt64>(0)
    private let isBlocked = Atomic<Bool>(false)

    func watch(_ socket: Int32) {
        let copy = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        descriptor.withLock { old in
            if let old { close(old) }
            old = copy >= 0 ? copy : nil
        }
        isBlocked.store(false, ordering: .relaxed)
    }

    func forget() {
        leave()
        descriptor.withLock { old in
            if let old { close(old) }
            old = nil
        }
    }

    func enter() { entered.store(Self.now(), ordering: .relaxed) }
    func leave() { entered.store(0, ordering: .relaxed) }

    /// While the broker is blocked, waiting is what it asks for.
    func setBlocked(_ flag: Bool) { isBlocked.store(flag, ordering: .relaxed) }

    /// Shuts the socket where the call has taken longer than `limit`; the call then fails.
    func check(limit: Duration) {
        let since = entered.load(ordering: .relaxed)
        guard since > 0, !isBlocked.load(ordering: .relaxed) else { return }
        let (now, nanoseconds) = (Self.now(), UInt64(limit / .nanoseconds(1)))
        guard now > since, now - since > nanoseconds else { return }
        descriptor.withLock { socket in
            if let socket { _ = shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    private static func now() -> UInt64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
