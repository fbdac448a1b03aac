import CRabbitMQ
import RekeyPorts

extension PublishLink {
    /// Reads what has arrived: answers, returns, and notifications.
    func drain(_ connection: AMQPConnection) throws(AMQPFailure) {
        var frame = unsafe amqp_frame_t()
        while try unsafe connection.nextFrame(&frame) {
            let message: MessageReader.Message?
            switch unsafe Int32(frame.frame_type) {
            case AMQP_FRAME_METHOD:
                try unsafe takeMethod(unsafe frame.payload.method)
                continue
            case AMQP_FRAME_HEADER: message = unsafe reader.takeHeader(frame)
            case AMQP_FRAME_BODY: message = unsafe reader.takeBody(frame)
            default: continue
            }
            if let message {
                noteReturned(
                    exchange: message.head.exchange,
                    routingKey: message.head.routingKey
                )
                window.markReturned(
                    messageID: message.properties.messageID,
                    exchange: message.head.exchange,
                    routingKey: message.head.routingKey
                )
            }
            connection.recycle()
        }
    }

    private func takeMethod(_ method: amqp_method_t) throws(AMQPFailure) {
        guard let decoded = unsafe method.decoded else { return }
        switch AMQPMethod(rawValue: unsafe method.id) {
        case .basicAck:
            let ack = unsafe decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            window.settle(ack.delivery_tag, isMultiple: ack.multiple != 0) { entry in
                let outcome = entry.isReturned ? PublishOutcome.returned : .confirmed
                entry.slot.request.answer(entry.slot.index, outcome)
            }
        case .basicNack:
            let nack = unsafe decoded.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
            window.settle(nack.delivery_tag, isMultiple: nack.multiple != 0) { entry in
                entry.slot.request.answer(entry.slot.index, .refused("basic.nack"))
            }
        case .basicReturn:
            let found = unsafe decoded.assumingMemoryBound(to: amqp_basic_return_t.self).pointee
            let head = unsafe MessageHead(
                kind: .returned(code: found.reply_code),
                exchange: found.exchange.text,
                routingKey: found.routing_key.text
            )
            reader.begin(head)
        case .connectionBlocked:
            let blocked = unsafe decoded.assumingMemoryBound(to: amqp_connection_blocked_t.self)
            setBlocked(unsafe blocked.pointee.reason.text)
        case .connectionUnblocked: setBlocked(nil)
        case .channelClose: throw unsafe AMQPFailure("channel.close", closing: method)
        case .connectionClose: throw unsafe AMQPFailure("connection.close", closing: method)
        default: return
        }
    }
}
