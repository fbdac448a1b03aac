import CRabbitMQ
import Glibc
import RekeyPorts

/// Reads the properties of a delivery, and remembers the names that come again and again.
struct PropertyReader {
    /// Set by quorum queues; absent at the first delivery.
    static let deliveryCountHeader = "x-delivery-count"
    /// Entries of one table that are looked at.
    static let headerCountLimit = 256
    /// Looked for in the whole table, whose size the header frame bounds.
    private static let readFirst = Set(EventProperties.readFirst + [deliveryCountHeader])
    private static let longestReadFirst = readFirst.map(\.utf8.count).max() ?? 0
    /// The longest value of one of them: user names are short strings, of up to 255 bytes.
    private static let readFirstByteLimit = 255
    /// The most bytes of them all.
    static let readFirstRoom = readFirst.count * (longestReadFirst + readFirstByteLimit)

    private var type = RecentText()
    private var contentType = RecentText()
    private var appID = RecentText()
    private var userID = RecentText()

    mutating func read(
        _ source: UnsafePointer<amqp_basic_properties_t>,
        count: inout Int
    ) -> EventProperties {
        count = 0
        let flags = Int32(bitPattern: unsafe source.pointee._flags)
        var properties = EventProperties()
        if flags & AMQP_BASIC_MESSAGE_ID_FLAG != 0 {
            properties.messageID = unsafe source.pointee.message_id.text
        }
        if flags & AMQP_BASIC_TYPE_FLAG != 0 {
            properties.type = unsafe type.text(of: source.pointee.type)
        }
        if flags & AMQP_BASIC_CONTENT_TYPE_FLAG != 0 {
            properties.contentType = unsafe contentType.text(of: source.pointee.content_type)
        }
        if flags & AMQP_BASIC_CORRELATION_ID_FLAG != 0 {
            properties.correlationID = unsafe source.pointee.correlation_id.text
        }
        if flags & AMQP_BASIC_APP_ID_FLAG != 0 {
            properties.appID = unsafe appID.text(of: source.pointee.app_id)
        }
        if flags & AMQP_BASIC_USER_ID_FLAG != 0 {
            properties.userID = unsafe userID.text(of: source.pointee.user_id)
        }
        if flags & AMQP_BASIC_HEADERS_FLAG != 0 {
            properties.headers = unsafe Self.headers(in: source.pointee.headers)
            let number = properties.headers[Self.deliveryCountHeader].flatMap(Int.init)
            count = max(number ?? 0, 0)
        }
        return properties
    }

    /// Keeps texts and whole numbers of the outermost table, within the limits; but whatever is
    /// believed of an event is found wherever it stands.
    static func headers(in table: amqp_table_t) -> [String: String] {
        guard let entries = unsafe table.entries else { return [:] }
        var headers: [String: String] = [:]
        let total = Int(unsafe table.num_entries)
        var room = RabbitMQSettings.headerByteLimit
        for index in 0..<min(total, headerCountLimit) {
            let entry = unsafe entries[index]
            guard let value = unsafe text(of: entry.value, within: room) else { continue }
            let name = unsafe entry.key.text
            room -= name.utf8.count + value.utf8.count
            guard room >= 0 else { break }
            headers[name] = value
        }
        for index in 0..<total {
            let entry = unsafe entries[index]
            guard unsafe longestReadFirst >= entry.key.len else { continue }
            let name = unsafe entry.key.text
            guard readFirst.contains(name),
                let value = unsafe text(of: entry.value, within: readFirstByteLimit)
            else { continue }
            headers[name] = value
        }
        return headers
    }

    private static func text(of value: amqp_field_value_t, within room: Int) -> String? {
        switch unsafe value.kind {
        case kind(AMQP_FIELD_KIND_UTF8), kind(AMQP_FIELD_KIND_BYTES):
            unsafe value.value.bytes.len <= room ? unsafe value.value.bytes.text : nil
        case kind(AMQP_FIELD_KIND_I8): unsafe String(value.value.i8)
        case kind(AMQP_FIELD_KIND_U8): unsafe String(value.value.u8)
        case kind(AMQP_FIELD_KIND_I16): unsafe String(value.value.i16)
        case kind(AMQP_FIELD_KIND_U16): unsafe String(value.value.u16)
        case kind(AMQP_FIELD_KIND_I32): unsafe String(value.value.i32)
        case kind(AMQP_FIELD_KIND_U32): unsafe String(value.value.u32)
        case kind(AMQP_FIELD_KIND_I64): unsafe String(value.value.i64)
        case kind(AMQP_FIELD_KIND_U64): unsafe String(value.value.u64)
        default: nil
        }
    }

    private static func kind(_ kind: amqp_field_value_kind_t) -> UInt8 { UInt8(kind.rawValue) }
}

/// A text that is usually the same as the last one, and then is not made again.
struct RecentText {
    private var last = ""
    private var bytes: [UInt8] = []

    mutating func text(of source: amqp_bytes_t) -> String {
        let (start, count) = unsafe (source.bytes, source.len)
        guard let start = unsafe start, count > 0 else { return "" }
        let isSame = unsafe bytes.withUnsafeBufferPointer { buffer in
            guard buffer.count == count, let old = buffer.baseAddress else { return false }
            return unsafe memcmp(old, start, count) == 0
        }
        if isSame { return last }
        bytes = unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
        last = String(decoding: bytes, as: UTF8.self)
        return last
    }
}
