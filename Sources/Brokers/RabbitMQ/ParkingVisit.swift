import CRabbitMQ
import RekeyPorts

/// What is done to a parked queue over one connection.
struct ParkingVisit {
    private let connection: AMQPConnection
    private let settings: RabbitMQSettings

    init(_ connection: AMQPConnection, settings: RabbitMQSettings) {
        self.connection = connection
        self.settings = settings
    }

    /// Reads the next event, which is then unacknowledged; `nil` where there is none.
    func next(_ queue: String) throws(AMQPFailure) -> Delivery? {
        guard let head = try connection.get(queue: queue) else { return nil }
        var reader = MessageReader()
        reader.begin(head)
        let message = try read(with: &reader)
        guard case .delivery(_, let tag, let again) = head.kind else { return nil }
        return Delivery(
            tag: Delivery.Tag(connection: 0, number: tag),
            queue: queue,
            exchange: head.exchange,
            routingKey: head.routingKey,
            body: message.body,
            properties: message.properties,
            isRedelivered: again,
            deliveryCount: message.deliveryCount,
            oversize: message.oversize
        )
    }

    /// Reads a whole queue, in order, up to `limit`; `body` sees each event.
    ///
    /// The whole, because what is given back goes behind what was given back before: only a queue
    /// that was read to its end keeps its order.
    func readAll(
        _ queue: String,
        limit: Int,
        _ body: (Delivery) -> Void
    )
        throws(AMQPFailure) -> [UInt64]
    {
        var tags: [UInt64] = []
        while tags.count < limit, let found = try next(queue) {
            tags.append(found.tag.number)
            body(found)
        }
        return tags
    }

    /// Ends what was read: takes `taken` away for good, and gives the others back in their order.
    func settle(_ tags: [UInt64], taking taken: UInt64? = nil) throws(AMQPFailure) {
        for tag in tags {
            if tag == taken {
                try connection.acknowledge(tag)
            } else {
                try connection.reject(tag, requeue: true)
            }
        }
    }

    /// Publishes an event straight to a queue, and waits until the broker has it.
    func publish(_ found: Delivery, to destination: String) throws(AMQPFailure) {
        guard found.oversize == nil else {
            throw AMQPFailure("replay", .refusal("the event is longer than an event may be"))
        }
        var properties = found.properties.replayed(by: settings.user)
        properties.headers = properties.headers.filter {
            !settings.guards.stripsDeathHeaders || !DeathHeaders.contains($0.key)
        }
        let publication = Publication(
            exchange: "",
            routingKey: destination,
            body: found.body,
            properties: properties
        )
        if let reason = PublicationWriter.refusal(of: publication, guards: settings.guards) {
            throw AMQPFailure("replay", .refusal(reason))
        }
        try connection.selectConfirms()
        try connection.discardFrames()
        connection.watch.enter()
        try PublicationWriter(guards: settings.guards).write(
            publication,
            isMandatory: true,
            on: connection
        )
        try awaitConfirm(destination)
    }
}

extension ParkingVisit {
    private func read(with reader: inout MessageReader) throws(AMQPFailure) -> MessageReader.Message
    {
        var frame = unsafe amqp_frame_t()
        while try unsafe connection.nextFrame(&frame, within: settings.rpcTimeout) {
            let message: MessageReader.Message?
            switch unsafe Int32(frame.frame_type) {
            case AMQP_FRAME_HEADER: message = unsafe reader.takeHeader(frame)
            case AMQP_FRAME_BODY: message = unsafe reader.takeBody(frame)
            default:
                try unsafe failWhereClosed(frame)
                continue
            }
            connection.recycle()
            if let message { return message }
        }
        throw AMQPFailure("basic.get", .trouble("no answer in time"))
    }

    private func awaitConfirm(_ destination: String) throws(AMQPFailure) {
        let deadline = ContinuousClock.now + settings.confirmTimeout
        var wasReturned = false
        var frame = unsafe amqp_frame_t()
        while ContinuousClock.now < deadline {
            connection.watch.enter()
            guard try unsafe connection.nextFrame(&frame, within: .seconds(1)) else { continue }
            guard unsafe Int32(frame.frame_type) == AMQP_FRAME_METHOD else { continue }
            switch AMQPMethod(rawValue: unsafe frame.payload.method.id) {
            case .basicReturn: wasReturned = true
            case .basicNack:
                throw AMQPFailure("basic.publish", .trouble("basic.nack"), at: destination)
            case .basicAck:
                guard !wasReturned else {
                    throw AMQPFailure("basic.publish", .refusal("no such queue"), at: destination)
                }
                return
            default: try unsafe failWhereClosed(frame)
            }
        }
        throw AMQPFailure("basic.publish", .trouble("no confirm in time"), at: destination)
    }

    private func failWhereClosed(_ frame: amqp_frame_t) throws(AMQPFailure) {
        guard unsafe Int32(frame.frame_type) == AMQP_FRAME_METHOD else { return }
        let method = unsafe frame.payload.method
        switch AMQPMethod(rawValue: unsafe method.id) {
        case .channelClose: throw unsafe AMQPFailure("channel.close", closing: method)
        case .connectionClose: throw unsafe AMQPFailure("connection.close", closing: method)
        default: return
        }
    }
}
