import Foundation
import RekeyCore
import RekeyPorts
import Synchronization

/// A broker that is used in a mistaken order.
final class PlantedBroker: Broker {
    let deliveries: AsyncStream<Delivery>
    private let feed: AsyncStream<Delivery>.Continuation
    private let base: any Broker
    private let mistake: Mistake
    private let journal: any Journal
    private let count = Mutex(0)

    init(_ base: any Broker, _ mistake: Mistake, _ journal: any Journal) {
        (deliveries, feed) = AsyncStream.makeStream()
        self.base = base
        self.mistake = mistake
        self.journal = journal
    }

    var state: BrokerState { base.state }

    func run() async throws(StepFailure) {
        let result: Result<Void, StepFailure> = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await delivery in self.base.deliveries {
                    if self.mistake == .ackBeforeInbox {
                        await self.base.acknowledge([delivery.tag])
                    }
                    self.feed.yield(self.changed(delivery))
                }
            }
            defer { group.cancelAll() }
            do throws(StepFailure) { return .success(try await base.run()) } catch {
                return .failure(error)
            }
        }
        feed.finish()
        try result.get()
    }

    func acknowledge(_ tags: [Delivery.Tag]) async {
        if mistake != .ackBeforeInbox { await base.acknowledge(tags) }
    }

    func reject(_ tag: Delivery.Tag) async { await base.reject(tag) }

    func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        if mistake == .sentBeforeConfirm {
            let events = publications.compactMap(\.properties.messageID).map { EventID($0) }
            // Where that fails, the rows are still there.
            try? await journal.commit([.sent(events)], under: nil)
        }
        let outcomes = await base.publish(publications)
        return mistake == .anyAnswerConfirms ? outcomes.map { _ in .confirmed } : outcomes
    }

    /// An event about a version, as one about none.
    private func changed(_ delivery: Delivery) -> Delivery {
        guard mistake == .noVersionCheck, var event = try? CloudEvent(decoding: delivery.body),
            event.type == .secretNearExpiry
        else { return delivery }
        let number = count.withLock { count in
            count += 1
            return count
        }
        event.id = EventID("\(event.id)-\(number)")
        event.type = .rotationRequested
        event.content = EventContent()
        event.content.secret = SweepDefinition.credential.text
        return Delivery(
            tag: delivery.tag,
            queue: delivery.queue,
            exchange: delivery.exchange,
            routingKey: delivery.routingKey,
            body: event.encoded(),
            properties: delivery.properties
        )
    }
}
