/// One event on its way to a broker.
package struct Publication: Sendable, Equatable {
    /// The empty name is the exchange that leads to the queue named by the routing key.
    package let exchange: String
    package let routingKey: String
    package let body: [UInt8]
    package let properties: EventProperties
    /// Whether it counts as undelivered where no queue took it.
    ///
    /// What need not arrive may then be `confirmed`, too.
    package let mustArrive: Bool

    package init(
        exchange: String,
        routingKey: String,
        body: [UInt8],
        properties: EventProperties,
        mustArrive: Bool = true
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.body = body
        self.properties = properties
        self.mustArrive = mustArrive
    }
}

/// What became of a publication.
package enum PublishOutcome: Sendable, Equatable {
    /// The broker has it, durably, in every queue that takes it; what must arrive is in one.
    case confirmed
    /// The broker confirmed it, and no queue was there to take it.
    case returned
    /// The broker refused it, such as a full queue: publish it again later.
    case refused(String)
    /// No broker will take it, however often it is published: what it holds is beyond a limit.
    case unpublishable(String)
    /// Nobody knows: publish it again, with the same id.
    case unknown(String)
}
