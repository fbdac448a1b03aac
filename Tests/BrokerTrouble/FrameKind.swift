/// What a frame of AMQP 0-9-1 carries, as far as an event's way through a broker is concerned.
package enum FrameKind: String, Sendable, CaseIterable {
    case publish, publishHeader, publishBody
    /// The broker's answer to a publication.
    case confirm
    case returned, returnedHeader, returnedBody
    case deliver, deliverHeader, deliverBody
    /// The client's answer to a delivery.
    case acknowledge
    /// Signing in, declaring, consuming, and the goodbyes.
    case other
    case heartbeat
}
