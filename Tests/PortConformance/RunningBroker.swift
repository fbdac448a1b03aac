package import RekeyCore
package import RekeyPorts
import Synchronization

/// A broker that runs in a task, and whose deliveries are collected, for tests.
package final class RunningBroker: Sendable {
    /// Why a test did not get what it waited for.
    package struct Overdue: Error, CustomStringConvertible {
        package let description: String
    }

    package let broker: any Broker
    private let collected = Mutex<[Delivery]>([])
    private let failure = Mutex<StepFailure?>(nil)
    private let hasEnded = Mutex(false)
    private let tasks = Mutex<[Task<Void, Never>]>([])

    /// Starts it, and waits until it publishes.
    package init(_ broker: any Broker, isReady: Bool = true) async throws {
        self.broker = broker
        let reader = Task { [self] in
            for await delivery in broker.deliveries {
                collected.withLock { $0.append(delivery) }
            }
            hasEnded.withLock { $0 = true }
        }
        let runner = Task { [self] in
            do throws(StepFailure) {
                try await broker.run()
            } catch {
                failure.withLock { $0 = error }
            }
        }
        tasks.withLock { $0 = [runner, reader] }
        if isReady { try await wait("it publishes") { broker.state.isPublishing } }
    }

    deinit {
        for task in tasks.withLock({ $0 }) { task.cancel() }
    }

    package var deliveries: [Delivery] { collected.withLock { $0 } }
    package var ids: [String] { deliveries.map { $0.properties.messageID ?? "" } }
    package var isDelivering: Bool { !hasEnded.withLock { $0 } }

    /// Waits until `count` deliveries were collected in all.
    @discardableResult
    package func collect(
        _ count: Int,
        within limit: Duration = .seconds(60)
    ) async throws
        -> [Delivery]
    {
        try await wait("\(count) deliveries", within: limit) { self.deliveries.count >= count }
        return deliveries
    }

    package func wait(
        _ what: String,
        within limit: Duration = .seconds(60),
        until condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            guard ContinuousClock.now < deadline else {
                throw Overdue(
                    description: "not in time: \(what); \(broker.state); \(deliveries.count) came"
                )
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Ends it as a shutdown does, and returns when it has ended.
    package func stop() async throws {
        let tasks = tasks.withLock { $0 }
        tasks.first?.cancel()
        for task in tasks { await task.value }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Waits for `run` to throw, and returns what.
    package func failed(within limit: Duration = .seconds(60)) async throws -> StepFailure {
        try await wait("run throws", within: limit) { self.failure.withLock { $0 != nil } }
        return failure.withLock { $0 } ?? StepFailure(.unknown, "")
    }
}
