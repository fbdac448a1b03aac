import CRabbitMQ

/// Remote calls, each waiting for its answer.
extension AMQPConnection {
    func declare(
        queue: String,
        arguments: [String: AMQPTable.Value] = [:],
        isPassive: Bool = false,
        isExclusive: Bool = false
    ) throws(AMQPFailure) {
        let arguments = AMQPTable(arguments)
        try unsafe call("queue.declare", at: queue) { state, texts in
            unsafe arguments.withTable { table in
                unsafe amqp_queue_declare(
                    state,
                    Self.channel,
                    texts.bytes(of: queue),
                    isPassive ? 1 : 0,
                    isExclusive ? 0 : 1,
                    isExclusive ? 1 : 0,
                    0,
                    table
                ) != nil
            }
        }
    }

    func declare(exchange: String, kind: String, isPassive: Bool = false) throws(AMQPFailure) {
        try unsafe call("exchange.declare", at: exchange) { state, texts in
            unsafe amqp_exchange_declare(
                state,
                Self.channel,
                texts.bytes(of: exchange),
                texts.bytes(of: kind),
                isPassive ? 1 : 0,
                1,
                0,
                0,
                amqp_table_t()
            ) != nil
        }
    }

    func bind(queue: String, to exchange: String, routingKey: String) throws(AMQPFailure) {
        try unsafe call("queue.bind", at: "\(exchange) \(queue)") { state, texts in
            unsafe amqp_queue_bind(
                state,
                Self.channel,
                texts.bytes(of: queue),
                texts.bytes(of: exchange),
                texts.bytes(of: routingKey),
                amqp_table_t()
            ) != nil
        }
    }

    /// Limits the consumers that begin after it.
    func limit(prefetch: Int) throws(AMQPFailure) {
        try unsafe call("basic.qos") { state, _ in
            unsafe amqp_basic_qos(state, Self.channel, 0, UInt16(prefetch), 0) != nil
        }
    }

    func consume(queue: String, tag: String) throws(AMQPFailure) {
        try unsafe call("basic.consume", at: queue) { state, texts in
            unsafe amqp_basic_consume(
                state,
                Self.channel,
                texts.bytes(of: queue),
                texts.bytes(of: tag),
                0,
                0,
                0,
                amqp_table_t()
            ) != nil
        }
    }

    func cancel(tag: String) throws(AMQPFailure) {
        try unsafe call("basic.cancel") { state, texts in
            unsafe amqp_basic_cancel(state, Self.channel, texts.bytes(of: tag)) != nil
        }
    }

    func selectConfirms() throws(AMQPFailure) {
        try unsafe call("confirm.select") { state, _ in
            unsafe amqp_confirm_select(state, Self.channel) != nil
        }
    }

    /// Asks for one delivery, whose header and body are the next frames; `nil` where there is none.
    func get(queue: String) throws(AMQPFailure) -> MessageHead? {
        watch.enter()
        defer { texts.removeAll() }
        let name = unsafe texts.bytes(of: queue)
        let reply = unsafe handle.withState { state in
            unsafe amqp_basic_get(state, Self.channel, name, 0)
        }
        if let failure = unsafe AMQPFailure("basic.get", reply, at: queue) { throw failure }
        guard unsafe reply.reply.id == AMQPMethod.basicGetOK.rawValue,
            let decoded = unsafe reply.reply.decoded
        else { return nil }
        let found = unsafe decoded.assumingMemoryBound(to: amqp_basic_get_ok_t.self).pointee
        return unsafe MessageHead(
            kind: .delivery(
                consumer: nil,
                tag: found.delivery_tag,
                isRedelivered: found.redelivered != 0
            ),
            exchange: found.exchange.text,
            routingKey: found.routing_key.text
        )
    }

    /// Acknowledges one delivery, or with it all unsettled ones before it.
    func acknowledge(_ tag: UInt64, andEarlier: Bool = false) throws(AMQPFailure) {
        try unsafe send("basic.ack") { state in
            unsafe amqp_basic_ack(state, Self.channel, tag, andEarlier ? 1 : 0)
        }
    }

    /// Without `requeue` the queue's dead letters get it.
    func reject(_ tag: UInt64, requeue: Bool) throws(AMQPFailure) {
        try unsafe send("basic.nack") { state in
            unsafe amqp_basic_nack(state, Self.channel, tag, 0, requeue ? 1 : 0)
        }
    }
}
