import InMemoryBroker
import RekeyCore
import RekeyPorts
import RekeyWorker

/// One worker's connection to the broker: in an outage nothing passes, and what was not
/// acknowledged comes again after it.
final class SimulatedBroker: Broker {
    let deliveries: AsyncStream<Delivery>
    private let feed: AsyncStream<Delivery>.Continuation
    private let world: SimulatedWorld
    private let base: InMemoryBroker

    init(_ world: SimulatedWorld) {
        (deliveries, feed) = AsyncStream.makeStream()
        self.world = world
        base = world.outsider.peer(
            subscriptions: SagaBus.workerQueues(hookKinds: [SecretMaker.hookKind])
        )
    }

    private var isDown: Bool { world.weather.isDown("broker") }

    var state: BrokerState { isDown ? BrokerState() : base.state }

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

    /// Loses the connection and makes it anew.
    func disconnect() { base.disconnect() }

    func acknowledge(_ tags: [Delivery.Tag]) async {
        guard !isDown, Life.current?.isOver != true else { return }
        await base.acknowledge(tags)
    }

    func reject(_ tag: Delivery.Tag) async {
        guard !isDown, Life.current?.isOver != true else { return }
        await base.reject(tag)
    }

    func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        guard !isDown, Life.current?.isOver != true else {
            return publications.map { _ in .unknown("there is no connection") }
        }
        return await base.publish(publications)
    }

    private func handOver() async {
        // What comes in an outage is lost with the connection; the broker still has it.
        for await delivery in base.deliveries where !isDown {
            guard world.settings.mistake == .everyEventRotates else {
                feed.yield(delivery)
                continue
            }
            feed.yield(world.wish(for: delivery))
        }
    }
}

extension SimulatedWorld {
    /// A near-expiry event, mistaken for somebody's wish.
    fileprivate func wish(for delivery: Delivery) -> Delivery {
        guard let event = try? CloudEvent(decoding: delivery.body), event.type == .secretNearExpiry,
            let name = event.content.name,
            let secret = secrets.first(where: {
                $0.definition.carriers.contains { $0.reference.name.text == name }
            })
        else { return delivery }
        var content = EventContent()
        content.secret = secret.definition.id.text
        let wish = CloudEvent(
            id: event.id,
            source: event.source,
            type: .rotationRequested,
            time: event.time,
            content: content
        )
        return Delivery(
            tag: delivery.tag,
            queue: delivery.queue,
            exchange: delivery.exchange,
            routingKey: delivery.routingKey,
            body: wish.encoded(),
            properties: delivery.properties,
            isRedelivered: delivery.isRedelivered,
            deliveryCount: delivery.deliveryCount
        )
    }
}
