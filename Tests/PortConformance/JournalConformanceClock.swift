package import Foundation
import RekeyPorts
import Synchronization

/// A clock that stands until a test sets it.
package final class SetClock: Clock {
    private let times = Mutex((now: Date(timeIntervalSinceReferenceDate: 8e8 + 1 / 3), boot: 100.0))

    package init() {}

    package var now: Date { times.withLock { $0.now } }
    package var bootSeconds: Double { times.withLock { $0.boot } }

    /// Lets time pass on both clocks.
    package func advance(by seconds: Double) {
        times.withLock { times in
            times.now += seconds
            times.boot += seconds
        }
    }

    package func sleep(until date: Date) async throws {
        while now < date {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
