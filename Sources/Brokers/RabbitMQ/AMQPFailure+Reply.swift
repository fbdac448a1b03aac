import CRabbitMQ

extension AMQPFailure {
    /// What an RPC's reply says; `nil` where it succeeded.
    init?(_ call: String, _ reply: amqp_rpc_reply_t, at place: String = "") {
        switch unsafe reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return nil
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            self.init(call, .librabbitmq(unsafe reply.library_error), at: place)
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            unsafe self.init(call, closing: reply.reply, at: place)
        default:
            self.init(call, .trouble("the broker closed the socket"), at: place)
        }
    }

    /// Why the broker closed a channel or a connection.
    ///
    /// Of its text only names are kept: `arg 'x-delivery-limit' … '20' but current is '5'`.
    init(_ call: String, closing method: amqp_method_t, at place: String = "") {
        guard let decoded = unsafe method.decoded else {
            self.init(call, .trouble("closed without a reason"), at: place)
            return
        }
        switch AMQPMethod(rawValue: unsafe method.id) {
        case .channelClose:
            let close = unsafe decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            let text = unsafe close.reply_text.text
            self.init(
                call,
                .reply(unsafe close.reply_code),
                at: place,
                subject: Self.subject(of: text)
            )
        case .connectionClose:
            let close = unsafe decoded.assumingMemoryBound(to: amqp_connection_close_t.self)
            self.init(call, .reply(unsafe close.pointee.reply_code), at: place)
        default:
            self.init(call, .trouble("an answer out of place"), at: place)
        }
    }

    /// `x-delivery-limit is 5, want 20` or the name of what was not found.
    private static func subject(of text: String) -> String? {
        let quoted = text.split(separator: "'", omittingEmptySubsequences: false)
            .enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        if text.contains("inequivalent arg"), let name = quoted.first {
            guard quoted.count >= 4 else { return name }
            let (current, wanted) = (quoted[quoted.count - 1], quoted[quoted.count - 2])
            return "\(name) is \(current), want \(wanted)"
        }
        return text.hasPrefix("NOT_FOUND") ? quoted.first : nil
    }
}

extension amqp_bytes_t {
    var text: String {
        unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: len), as: UTF8.self)
    }
}
