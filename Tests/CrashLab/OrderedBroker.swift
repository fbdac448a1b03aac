import Foundation
import InMemoryBroker
import RekeyCore
import RekeyPorts
import Synchronization

/// The worker's own connection, which hands events over in another order.
final class OrderedBroker: Broker {
    let deliveries: AsyncStream<Delivery>
    private let feed: AsyncStream<Delivery>.Continuation
    private let base: InMemoryBroker
    private let order: DeliveryOrder
    private let clock: WorldClock
    private let held = Mutex<Delivery?>(nil)
    private let fresh = Mutex<Set<Delivery.Tag>>([])

    init(_ base: InMemoryBroker, _ order: DeliveryOrder, _ clock: WorldClock) {
        (deliveries, feed) = AsyncStream.makeStream()
        self.base = base
        self.order = order
        self.clock = clock
    }

    var state: BrokerState { base.state }

    func run() async throws(StepFailure) {
        let result: Result<Void, StepFailure> = await withTaskGroup(of: Void.self) { group in
            let base = base
            group.addTask { await self.handOver() }
            defer { group.cancelAll() }
            do throws(StepFailure) { return .success(try await base.run()) } catch {
                return .failure(error)
            }
        }
        feed.finish()
        try result.get()
    }

    func acknowledge(_ tags: [Delivery.Tag]) async {
        let isFirst = fresh.withLock { fresh in
            let known = fresh.intersection(tags)
            fresh.subtract(known)
            return !known.isEmpty
        }
        guard order == .redelivered, isFirst else { return await base.acknowledge(tags) }
        base.disconnect()
    }

    func reject(_ tag: Delivery.Tag) async { await base.reject(tag) }

    func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        await base.publish(publications)
    }

    private func handOver() async {
        await withTaskGroup(of: Void.self) { group in
            for await delivery in base.deliveries {
                switch order {
                case .once: feed.yield(delivery)
                case .twice:
                    feed.yield(delivery)
                    feed.yield(delivery)
                case .late:
                    feed.yield(delivery)
                    group.addTask { await self.repeatLate(delivery) }
                case .swapped:
                    if let first = exchange(nil) {
                        feed.yield(delivery)
                        feed.yield(first)
                    } else {
                        _ = exchange(delivery)
                        group.addTask { await self.letGo(of: delivery) }
                    }
                case .redelivered:
                    if !delivery.isRedelivered {
                        fresh.withLock { _ = $0.insert(delivery.tag) }
                    }
                    feed.yield(delivery)
                }
            }
            group.cancelAll()
        }
    }

    private func repeatLate(_ delivery: Delivery) async {
        // Cancelled with the connection, and then nothing comes by it.
        guard (try? await clock.sleep(until: clock.now + Self.lateSeconds)) != nil else { return }
        feed.yield(delivery)
    }

    private func letGo(of delivery: Delivery) async {
        guard (try? await clock.sleep(until: clock.now + Self.holdSeconds)) != nil else { return }
        let isHeld = held.withLock { held in
            guard held?.tag == delivery.tag else { return false }
            held = nil
            return true
        }
        if isHeld { feed.yield(delivery) }
    }

    private func exchange(_ delivery: Delivery?) -> Delivery? {
        held.withLock { held in
            defer { held = delivery }
            return held
        }
    }

    private static let lateSeconds = 25.0
    private static let holdSeconds = 0.5
}
