import Glibc

/// The time since the machine started, suspension included, which nobody can set.
///
/// It is the clock for deadlines that must hold across a change of the wall clock. Two machines'
/// readings have nothing to do with each other.
package enum BootTime {
    package static func now() -> Duration {
        var time = timespec()
        let code = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        // clock_gettime(2) fails for an unknown clock only; Linux has had this one since 2.6.39.
        precondition(code == 0, "The kernel has no CLOCK_BOOTTIME.")
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
