import RekeyCore
import RekeyPorts

/// A broker that counts what the worker acknowledged, and what was confirmed to it, and makes every
/// event that goes out as long as the measurement asks.
struct CountingBroker: Broker {
    let base: any Broker
    let counts: SagaCounts
    let eventBytes: Int

    var deliveries: AsyncStream<Delivery> { base.deliveries }
    var state: BrokerState { base.state }

    func run() async throws(StepFailure) { try await base.run() }

    func acknowledge(_ tags: [Delivery.Tag]) async {
        await base.acknowledge(tags)
        counts.change { $0.acknowledged += tags.count }
    }

    func reject(_ tag: Delivery.Tag) async { await base.reject(tag) }

    func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        let outcomes = await base.publish(publications.map(padded))
        let confirmed = outcomes.count { $0 == .confirmed || $0 == .returned }
        counts.change { $0.confirmed += confirmed }
        return outcomes
    }

    /// What the relay was handed by a commit is as short as the worker made it.
    private func padded(_ publication: Publication) -> Publication {
        let body = publication.body.padded(to: eventBytes)
        guard body.count > publication.body.count else { return publication }
        return Publication(
            exchange: publication.exchange,
            routingKey: publication.routingKey,
            body: body,
            properties: publication.properties,
            mustArrive: publication.mustArrive
        )
    }
}

extension [UInt8] {
    /// With spaces behind, which after a JSON document belong to nothing in it.
    func padded(to count: Int) -> [UInt8] {
        guard self.count < count else { return self }
        return self + repeatElement(UInt8(ascii: " "), count: count - self.count)
    }
}
