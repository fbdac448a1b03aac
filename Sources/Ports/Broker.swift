package import RekeyCore

/// Carries events between the steps, at least once and in no order.
///
/// An adapter connects, declares the topology it was made with, consumes the queues it was given,
/// and does all of it again whenever the connection is lost.
package protocol Broker: Sendable {
    /// Runs until the task is cancelled; then stops consuming, and leaves what is unacknowledged.
    ///
    /// It returns early only by throwing, for what another attempt cannot mend: refused
    /// credentials, a missing virtual host, another worker that holds the owner's queue.
    func run() async throws(StepFailure)

    /// What was delivered, for one reader. It ends when `run` does.
    var deliveries: AsyncStream<Delivery> { get }

    /// Tells the broker that these are in the journal. A void tag is ignored.
    func acknowledge(_ tags: [Delivery.Tag]) async

    /// Sends a delivery to its queue's dead letters. A void tag is ignored.
    func reject(_ tag: Delivery.Tag) async

    /// Publishes durably, and answers for each in order once the broker has.
    ///
    /// It never waits for ever: without a connection the answer is `unknown` within the
    /// adapter's limit. Publishing one again, with the same id, is always allowed.
    func publish(_ publications: [Publication]) async -> [PublishOutcome]

    /// How it is with the connections now, for health and status.
    var state: BrokerState { get }
}

/// How it is with a broker's connections.
package struct BrokerState: Sendable, Equatable {
    package var isConsuming: Bool
    package var isPublishing: Bool
    /// Why the broker does not take publications now, such as a memory alarm.
    package var blockedReason: String?
    /// What exists otherwise than declared, such as `rekey.step.apply: x-delivery-limit`.
    package var drift: [String]
    /// Why there is no connection, where there is none.
    package var lastFailure: String?

    package init(
        isConsuming: Bool = false,
        isPublishing: Bool = false,
        blockedReason: String? = nil,
        drift: [String] = [],
        lastFailure: String? = nil
    ) {
        self.isConsuming = isConsuming
        self.isPublishing = isPublishing
        self.blockedReason = blockedReason
        self.drift = drift
        self.lastFailure = lastFailure
    }
}

/// Looks into a queue that nobody consumes, such as a parked one.
package protocol ParkingLot: Sendable {
    /// Reads at most `limit` events from the front, and leaves all of them there.
    func list(_ queue: String, limit: Int) async throws(StepFailure) -> [Delivery]

    /// Publishes the event with this id to `destination`, confirmed, and then takes it from
    /// `queue`. A crash in between leaves both. Returns false where there is no such event.
    func replay(
        _ id: String,
        from queue: String,
        to destination: String
    )
        async throws(StepFailure) -> Bool

    /// Takes the event with this id away for good. Returns false where there is no such event.
    func discard(_ id: String, from queue: String) async throws(StepFailure) -> Bool
}
