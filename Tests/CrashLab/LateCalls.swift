import Foundation
import Synchronization

/// Requests that are still on their way when their caller has given them up.
final class LateCalls: Sendable {
    typealias Call = @Sendable () async -> Void

    private let clock: WorldClock
    private let calls: AsyncStream<Call>
    private let feed: AsyncStream<Call>.Continuation
    private let count = Mutex(0)

    init(clock: WorldClock) {
        self.clock = clock
        (calls, feed) = AsyncStream.makeStream()
    }

    /// How many have not taken effect yet.
    var pending: Int { count.withLock { $0 } }

    func add(_ call: @escaping Call) {
        count.withLock { $0 += 1 }
        feed.yield(call)
    }

    /// Lets each take effect just before its caller may take it for lost, and then looks.
    func run(_ look: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for await call in calls {
                let date = clock.now + Self.delaySeconds
                group.addTask {
                    guard (try? await self.clock.sleep(until: date)) != nil else { return }
                    await call()
                    await look()
                    self.count.withLock { $0 -= 1 }
                }
            }
            group.cancelAll()
        }
    }

    /// Less than the longest call of the sweep's policy.
    private static let delaySeconds = SweepDefinition.callDeadlineSeconds * 0.8
}
