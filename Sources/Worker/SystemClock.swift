package import Foundation
import Glibc
import RekeyPorts

/// The machine's own clocks.
package struct SystemClock: RekeyPorts.Clock {
    package init() {}

    package var now: Date { Date() }

    package var bootSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }

    package func sleep(until date: Date) async throws {
        let seconds = date.timeIntervalSinceNow
        guard seconds > 0 else { return try Task.checkCancellation() }
        try await Task.sleep(for: .seconds(seconds))
    }
}
