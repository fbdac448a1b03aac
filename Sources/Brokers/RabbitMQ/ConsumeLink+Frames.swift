import CRabbitMQ
import RekeyPorts

extension ConsumeLink {
    /// Deliveries are handed over after at most this many frames, and so are commands obeyed.
    private static let framesPerTurn = 512

    /// Reads what has arrived, and sorts it.
    func drain(_ connection: AMQPConnection) throws(AMQPFailure) {
        var frame = unsafe amqp_frame_t()
        for _ in 0..<Self.framesPerTurn {
            guard try unsafe connection.nextFrame(&frame) else { return }
            let message: MessageReader.Message?
            switch unsafe Int32(frame.frame_type) {
            case AMQP_FRAME_METHOD:
                try unsafe takeMethod(unsafe frame.payload.method)
                continue
            case AMQP_FRAME_HEADER: message = unsafe reader.takeHeader(frame)
            case AMQP_FRAME_BODY: message = unsafe reader.takeBody(frame)
            default: continue
            }
            if let message { try take(message, on: connection) }
            connection.recycle()
        }
    }

    private func takeMethod(_ method: amqp_method_t) throws(AMQPFailure) {
        switch AMQPMethod(rawValue: unsafe method.id) {
        case .basicDeliver: unsafe beginDelivery(method)
        case .basicCancel:
            guard let decoded = unsafe method.decoded else { return }
            let cancel = unsafe decoded.assumingMemoryBound(to: amqp_basic_cancel_t.self)
            if let tag = unsafe cancel.pointee.consumer_tag.number { noteCancelled(tag) }
        case .channelClose: throw unsafe AMQPFailure("channel.close", closing: method)
        case .connectionClose: throw unsafe AMQPFailure("connection.close", closing: method)
        default: return
        }
    }

    private func beginDelivery(_ method: amqp_method_t) {
        guard let decoded = unsafe method.decoded else { return }
        let found = unsafe decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self)
        let head = unsafe MessageHead(
            kind: .delivery(
                consumer: found.pointee.consumer_tag.number,
                tag: found.pointee.delivery_tag,
                isRedelivered: found.pointee.redelivered != 0
            ),
            exchange: exchanges.text(of: found.pointee.exchange),
            routingKey: routingKeys.text(of: found.pointee.routing_key)
        )
        reader.begin(head)
    }

    private func take(
        _ message: MessageReader.Message,
        on connection: AMQPConnection
    )
        throws(AMQPFailure)
    {
        guard case .delivery(let consumer, let tag, let again) = message.head.kind else { return }
        if consumer == nil { quarantine.isAwaiting = false }
        let found = consumer.flatMap(subscription(ofTag:)) ?? quarantine.subscription
        guard let index = found else { return }
        let subscription = context.subscriptions[index]
        let delivery = makeDelivery(message, tag: tag, queue: subscription.queue, again: again)
        if context.settings.guards.quarantinesSuspects,
            try hold(delivery, of: index, on: connection)
        {
            return
        }
        if !quarantine.isActive { try widen(index, on: connection) }
        hand(delivery, isUrgent: subscription.isUrgent)
    }

    func hand(_ delivery: Delivery, isUrgent: Bool) {
        outstanding.insert(delivery.tag.number)
        if isUrgent { urgent.append(delivery) } else { routine.append(delivery) }
    }
}

extension amqp_bytes_t {
    /// The number that a consumer tag of ours is.
    var number: Int? {
        guard let bytes = unsafe bytes, unsafe len > 0, unsafe len <= 5 else { return nil }
        var number = 0
        for byte in unsafe Array(UnsafeRawBufferPointer(start: bytes, count: len)) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
