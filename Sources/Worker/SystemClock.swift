package import Foundation
import Glibc
import RekeyPorts

/// The machine's own clocks.
package struct SystemClock: RekeyPorts.Clock {
    /// A sleep looks at the date again so often: somebody may put it forward meanwhile.
    private static let usualSlice = Duration.seconds(10)

    private let slice: Duration
    private let read: @Sendable () -> Date

    package init() { self.init(slice: Self.usualSlice) { Date() } }

    /// A test's own date.
    init(slice: Duration, reading read: @escaping @Sendable () -> Date) {
        self.slice = slice
        self.read = read
    }

    package var now: Date { read() }

    package var bootSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }

    package func sleep(until date: Date) async throws {
        try Task.checkCancellation()
        while true {
            let seconds = date.timeIntervalSince(now)
            guard seconds > 0 else { return }
            try await Task.sleep(for: min(.seconds(seconds), slice))
        }
    }
}
