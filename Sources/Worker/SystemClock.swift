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

    /// Ends early where the date is put back meanwhile: after as long as it was to take.
    package func sleep(until date: Date) async throws {
        try Task.checkCancellation()
        let start = ContinuousClock.now
        let whole = Duration.seconds(date.timeIntervalSince(now))
        while true {
            let left = min(
                .seconds(date.timeIntervalSince(now)),
                whole - (ContinuousClock.now - start)
            )
            guard left > .zero else { return }
            try await Task.sleep(for: min(left, slice))
        }
    }
}
