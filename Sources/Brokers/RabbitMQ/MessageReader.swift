import CRabbitMQ
import RekeyPorts

/// Puts together the frames of one delivery or return; the bytes are copied out at once.
struct MessageReader {
    struct Message {
        let head: MessageHead
        var properties = EventProperties()
        var deliveryCount = 0
        var body: [UInt8] = []
        /// How many bytes it has, where that is beyond the limit: its body was dropped.
        var oversize: Int?
    }

    private var message: Message?
    private var remaining: UInt64 = 0
    private var names = PropertyReader()
    private let bodyByteLimit: Int

    init(bodyByteLimit: Int = RabbitMQSettings.bodyByteLimit) {
        self.bodyByteLimit = bodyByteLimit
    }

    mutating func begin(_ head: MessageHead) {
        message = Message(head: head)
        remaining = 0
    }

    /// Takes the header; returns the message where it has no body.
    mutating func takeHeader(_ frame: borrowing amqp_frame_t) -> Message? {
        guard message != nil, let decoded = unsafe frame.payload.properties.decoded else {
            return nil
        }
        let properties = unsafe decoded.assumingMemoryBound(to: amqp_basic_properties_t.self)
        remaining = unsafe frame.payload.properties.body_size
        if remaining > UInt64(bodyByteLimit) { message?.oversize = Int(clamping: remaining) }
        message?.properties = unsafe names.read(properties, count: &self.deliveryCount)
        message?.deliveryCount = deliveryCount
        return remaining == 0 ? finish() : nil
    }

    private var deliveryCount = 0

    /// Takes a piece of the body; returns the message with its last one.
    mutating func takeBody(_ frame: borrowing amqp_frame_t) -> Message? {
        guard message != nil else { return nil }
        let fragment = unsafe frame.payload.body_fragment
        let bytes = unsafe UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)
        if message?.oversize == nil {
            if message?.body.isEmpty == true {
                message?.body = unsafe Array(bytes.prefix(Int(remaining)))
            } else {
                unsafe message?.body.append(contentsOf: bytes.prefix(Int(remaining)))
            }
        }
        remaining -= min(remaining, UInt64(bytes.count))
        return remaining == 0 ? finish() : nil
    }

    private mutating func finish() -> Message? {
        defer { message = nil }
        return message
    }
}
