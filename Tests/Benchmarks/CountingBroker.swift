import RekeyCore
import RekeyPorts

/// A broker that counts what the worker acknowledged, and what was confirmed to it.
struct CountingBroker: Broker {
    let base: any Broker
    let counts: SagaCounts

    var deliveries: AsyncStream<Delivery> { base.deliveries }
    var state: BrokerState { base.state }

    func run() async throws(StepFailure) { try await base.run() }

    func acknowledge(_ tags: [Delivery.Tag]) async {
        await base.acknowledge(tags)
        counts.change { $0.acknowledged += tags.count }
    }

    func reject(_ tag: Delivery.Tag) async { await base.reject(tag) }

    func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        let outcomes = await base.publish(publications)
        let confirmed = outcomes.count { $0 == .confirmed || $0 == .returned }
        counts.change { $0.confirmed += confirmed }
        return outcomes
    }
}
