package import RekeyCore
package import RekeyPorts

/// A broker behind a seam.
///
/// A lost acknowledgement is what a failing one comes to.
package struct SeamBroker: Broker {
    package var deliveries: AsyncStream<Delivery> { base.deliveries }
    package var state: BrokerState { base.state }
    private let base: any Broker
    private let seam: Seam

    package init(_ base: any Broker, _ seam: Seam) {
        self.base = base
        self.seam = seam
    }

    package func run() async throws(StepFailure) { try await base.run() }

    package func acknowledge(_ tags: [Delivery.Tag]) async {
        try? await seam.pass("broker.acknowledge", failing: \.self) {
            () async throws(StepFailure) in
            await base.acknowledge(tags)
        }
    }

    package func reject(_ tag: Delivery.Tag) async {
        try? await seam.pass("broker.reject", failing: \.self) { () async throws(StepFailure) in
            await base.reject(tag)
        }
    }

    package func publish(_ publications: [Publication]) async -> [PublishOutcome] {
        do {
            return try await seam.pass("broker.publish", failing: \.self) {
                () async throws(StepFailure) in
                await base.publish(publications)
            }
        } catch {
            return publications.map { _ in
                error.kind == .unknown ? .unknown(error.reason) : .refused(error.reason)
            }
        }
    }
}
