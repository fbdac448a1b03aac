package import RekeyCore
package import RekeyPorts
import Synchronization

/// A broker in memory, with the semantics of the real one and controls for tests.
///
/// Everything is lost with the last of its participants. Each participant, made by `peer`, has
/// its own connection and its own reader, on the same queues.
package final class InMemoryBroker: Broker {
    package static let bodyByteLimit = 64 << 10
    package static let headerByteLimit = 16 << 10
    package static let defaultDeliveryLimit = 20
    package static let defaultPrefetch = 64
    /// As whom its parking lot replays.
    package static let user = "in-memory"

    package let deliveries: AsyncStream<Delivery>
    let world: InMemoryWorld
    private let number: Int

    /// Declares `topology`; `subscriptions` are the queues that this participant consumes.
    ///
    /// While another participant holds its `ownerQueue`, `run` throws.
    package convenience init(
        topology: Topology,
        subscriptions: [String] = [],
        prefetch: Int = InMemoryBroker.defaultPrefetch,
        deliveryLimit: Int = InMemoryBroker.defaultDeliveryLimit,
        ownerQueue: String? = nil
    ) {
        let queues = InMemoryQueues(topology, deliveryLimit: deliveryLimit)
        self.init(InMemoryWorld(queues), subscriptions, prefetch, ownerQueue)
    }

    private init(
        _ world: InMemoryWorld,
        _ subscriptions: [String],
        _ prefetch: Int,
        _ ownerQueue: String?
    ) {
        let (deliveries, feed) = AsyncStream.makeStream(of: Delivery.self)
        self.deliveries = deliveries
        self.world = world
        number = world.join(subscriptions, prefetch: prefetch, ownerQueue, feed: feed)
    }

    /// Another participant on the same queues.
    package func peer(
        subscriptions: [String] = [],
        prefetch: Int = InMemoryBroker.defaultPrefetch,
        ownerQueue: String? = nil
    ) -> InMemoryBroker {
        InMemoryBroker(world, subscriptions, prefetch, ownerQueue)
    }

    package var state: BrokerState { world.state(of: number) }

    package func run() async throws(StepFailure) {
        try world.connect(number)
        let (never, end) = AsyncStream.makeStream(of: Void.self)
        await withTaskCancellationHandler {
            for await _ in never {}
        } onCancel: {
            end.finish()
        }
        world.leave(number)
    }

    package func acknowledge(_ tags: [Delivery.Tag]) async {
        for tag in tags { world.settle(tag, of: number, isRejected: false) }
    }

    package func reject(_ tag: Delivery.Tag) async {
        world.settle(tag, of: number, isRejected: true)
    }

    package func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        world.publish(publications, from: number)
    }
}

/// Controls for tests.
extension InMemoryBroker {
    /// Loses this participant's connection and makes a new one: what is unacknowledged comes again.
    package func disconnect() { world.reconnect(number) }

    /// Hands every later publication out this many times.
    package func duplicate(copies: Int) { world.setCopies(copies) }

    /// Delivers in an order drawn from `seed` from now on; `nil` restores the queue's own.
    package func shuffle(seed: UInt64?) { world.setSeed(seed) }

    /// Takes no publications until it is called with `nil`.
    package func block(_ reason: String?) { world.setBlocked(reason) }

    /// Takes the next `count` publications, and answers `unknown` for them.
    package func loseConfirms(_ count: Int) { world.loseConfirms(count) }

    /// What waits in a queue, not counting what is unacknowledged.
    package func count(in queue: String) -> Int { world.count(in: queue) }

    /// What a queue holds, unacknowledged included.
    package func countAll(in queue: String) -> Int { world.countAll(in: queue) }
}

extension InMemoryBroker: ParkingLot {
    package func list(_ queue: String, limit: Int) async throws(StepFailure) -> [Delivery] {
        try world.list(queue, limit: limit)
    }

    package func replay(
        _ id: String,
        from queue: String,
        to destination: String
    )
        async throws(StepFailure) -> Bool
    {
        try world.replay(id, from: queue, to: destination)
    }

    package func discard(_ id: String, from queue: String) async throws(StepFailure) -> Bool {
        try world.discard(id, from: queue)
    }
}
