/// Frames of AMQP 0-9-1 by hand, for a server that follows a script.
enum AMQPBytes {
    static let frameEnd: UInt8 = 0xCE

    static func short(_ number: Int) -> [UInt8] {
        [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]
    }
    static func long(_ number: Int) -> [UInt8] { short(number >> 16) + short(number) }
    static func longLong(_ number: Int) -> [UInt8] { long(number >> 32) + long(number) }
    static func shortText(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
    static func longText(_ bytes: [UInt8]) -> [UInt8] { long(bytes.count) + bytes }

    static func frame(_ type: UInt8, _ payload: [UInt8], channel: Int) -> [UInt8] {
        [type] + short(channel) + long(payload.count) + payload + [frameEnd]
    }

    static func method(_ number: Int, _ arguments: [UInt8] = [], channel: Int) -> [UInt8] {
        frame(1, long(number) + arguments, channel: channel)
    }

    /// A delivery with a header frame and a body frame.
    static func delivery(
        consumer: String,
        tag: Int,
        id: String,
        body: [UInt8],
        headers: [UInt8] = long(0)
    ) -> [UInt8] {
        let deliver =
            shortText(consumer) + longLong(tag) + [0] + shortText("rekey.events")
            + shortText("one")
        // Property flags: headers and message-id.
        let header =
            short(60) + short(0) + longLong(body.count) + short(0x2000 | 0x0080) + headers
            + shortText(id)
        return method(0x003C_003C, deliver, channel: 1) + frame(2, header, channel: 1)
            + frame(3, body, channel: 1)
    }

    /// The method of a returned publication, whose header has to follow.
    static func returned(exchange: String, routingKey: String) -> [UInt8] {
        let reason = short(312) + shortText("NO_ROUTE")
        return method(
            0x003C_0032,
            reason + shortText(exchange) + shortText(routingKey),
            channel: 1
        )
    }

    /// A header with a message id and no body to come.
    static func header(id: String) -> [UInt8] {
        frame(2, short(60) + short(0) + longLong(0) + short(0x0080) + shortText(id), channel: 1)
    }

    /// A header table with `depth` tables in each other, each under an empty name.
    static func nestedTable(depth: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for level in stride(from: depth, to: 0, by: -1) {
            bytes += long(level * 6) + [0, UInt8(ascii: "F")]
        }
        return bytes + long(0)
    }
}
