import RekeyCore
import RekeyPorts

/// A mistake to be found: says of every publication that the broker has it, before it has.
///
/// What it is given without a connection is gone, as with a client that does not look.
struct HastyBroker: Broker {
    var deliveries: AsyncStream<Delivery> { base.deliveries }
    var state: BrokerState { base.state }
    private let base: any Broker

    init(_ base: any Broker) { self.base = base }

    func run() async throws(StepFailure) { try await base.run() }

    func acknowledge(_ tags: [Delivery.Tag]) async { await base.acknowledge(tags) }

    func reject(_ tag: Delivery.Tag) async { await base.reject(tag) }

    func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        if base.state.isPublishing { Task { _ = await base.publish(publications) } }
        return publications.map { _ in .confirmed }
    }
}
