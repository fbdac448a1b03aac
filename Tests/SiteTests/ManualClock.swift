import Foundation
import RekeyPorts
import Synchronization

/// A clock that stands still until it is told how much time has passed.
final class ManualClock: RekeyPorts.Clock {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { time.withLock(\.self) }
    var bootSeconds: Double { now.timeIntervalSince1970 }

    func pass(_ seconds: Double) { time.withLock { $0 += seconds } }

    /// Nobody sleeps by this clock.
    func sleep(until date: Date) async throws { throw CancellationError() }
}
