import CRabbitMQ
import Glibc
import RekeyPorts

/// Writes publications to a connection, from memory that is used again for each.
@safe final class PublicationWriter {
    /// What AMQP's short strings hold.
    static let nameByteLimit = 255
    static let headerCountLimit = 256
    /// RabbitMQ's delivery mode for what is kept on disk.
    private static let persistent: UInt8 = 2
    /// Headers and the eight names.
    private static let byteCount = RabbitMQSettings.headerByteLimit + 8 * 256
    /// With the cap off: enough to show what happens beyond a frame.
    private static let uncappedByteCount = 1 << 20

    private let texts: UnsafeMutableRawBufferPointer
    private let entries = UnsafeMutableBufferPointer<amqp_table_entry_t>.allocate(
        capacity: PublicationWriter.headerCountLimit
    )
    private var used = 0
    private let guards: Guards

    init(guards: Guards) {
        self.guards = guards
        unsafe texts = .allocate(
            byteCount: guards.capsHeaders ? Self.byteCount : Self.uncappedByteCount,
            alignment: 1
        )
    }

    deinit {
        unsafe texts.deallocate()
        unsafe entries.deallocate()
    }

    /// Why this can never be published; `nil` where it can.
    static func refusal(of publication: Publication, guards: Guards) -> String? {
        let properties = publication.properties
        let names = [
            publication.exchange, publication.routingKey, properties.messageID ?? "",
            properties.type ?? "", properties.contentType ?? "", properties.correlationID ?? "",
            properties.appID ?? "", properties.userID ?? "",
        ]
        if publication.body.count > RabbitMQSettings.bodyByteLimit {
            return "body of \(publication.body.count) bytes, limit "
                + "\(RabbitMQSettings.bodyByteLimit)"
        }
        if names.contains(where: { $0.utf8.count > nameByteLimit }) {
            return "a name longer than \(nameByteLimit) bytes"
        }
        guard guards.capsHeaders, !properties.headers.isEmpty else { return nil }
        if properties.headers.count > headerCountLimit { return "over \(headerCountLimit) headers" }
        if properties.headers.keys.contains(where: { $0.utf8.count > nameByteLimit }) {
            return "a header's name longer than \(nameByteLimit) bytes"
        }
        let byteCount = encodedByteCount(properties.headers)
        guard byteCount <= RabbitMQSettings.headerByteLimit else {
            return "headers of \(byteCount) bytes, limit \(RabbitMQSettings.headerByteLimit)"
        }
        return nil
    }

    /// AMQP 0-9-1 §4.2.5.5: a name has 1 byte of length, a long string 1 of type and 4 of length.
    private static func encodedByteCount(_ headers: [String: String]) -> Int {
        headers.reduce(4) { $0 + $1.key.utf8.count + $1.value.utf8.count + 6 }
    }

    /// Writes one; a failure leaves the connection unusable (trap 9 of deploy/rabbitmq/README.md).
    ///
    /// A mandatory one comes back, body and all, where no queue takes it.
    func write(
        _ publication: Publication,
        isMandatory: Bool,
        on connection: AMQPConnection
    ) throws(AMQPFailure) {
        used = 0
        let exchange = unsafe copy(publication.exchange)
        let routingKey = unsafe copy(publication.routingKey)
        var properties = unsafe encode(publication.properties)
        let mandatory: amqp_boolean_t = guards.publishesMandatory && isMandatory ? 1 : 0
        let status = unsafe publication.body.withUnsafeBytes { body in
            let bytes = unsafe amqp_bytes_t(
                len: body.count,
                bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)
            )
            return unsafe connection.handle.withState { state in
                unsafe amqp_basic_publish(
                    state,
                    AMQPConnection.channel,
                    exchange,
                    routingKey,
                    mandatory,
                    0,
                    &properties,
                    bytes
                )
            }
        }
        guard status == AMQP_STATUS_OK.rawValue else {
            throw AMQPFailure("amqp_basic_publish", .librabbitmq(status))
        }
    }

    private func encode(_ source: EventProperties) -> amqp_basic_properties_t {
        var properties = unsafe amqp_basic_properties_t()
        var flags = AMQP_BASIC_DELIVERY_MODE_FLAG
        unsafe properties.delivery_mode = Self.persistent
        if let text = source.messageID {
            unsafe properties.message_id = copy(text)
            flags |= AMQP_BASIC_MESSAGE_ID_FLAG
        }
        if let text = source.type {
            unsafe properties.type = copy(text)
            flags |= AMQP_BASIC_TYPE_FLAG
        }
        if let text = source.contentType {
            unsafe properties.content_type = copy(text)
            flags |= AMQP_BASIC_CONTENT_TYPE_FLAG
        }
        if let text = source.correlationID {
            unsafe properties.correlation_id = copy(text)
            flags |= AMQP_BASIC_CORRELATION_ID_FLAG
        }
        if let text = source.appID {
            unsafe properties.app_id = copy(text)
            flags |= AMQP_BASIC_APP_ID_FLAG
        }
        if let text = source.userID {
            unsafe properties.user_id = copy(text)
            flags |= AMQP_BASIC_USER_ID_FLAG
        }
        if !source.headers.isEmpty {
            unsafe properties.headers = encode(source.headers)
            flags |= AMQP_BASIC_HEADERS_FLAG
        }
        unsafe properties._flags = amqp_flags_t(bitPattern: flags)
        return unsafe properties
    }

    private func encode(_ headers: [String: String]) -> amqp_table_t {
        var count = 0
        for (name, value) in headers.prefix(Self.headerCountLimit) {
            if guards.stripsDeathHeaders, DeathHeaders.contains(name) { continue }
            var entry = unsafe amqp_table_entry_t()
            unsafe entry.key = copy(name)
            unsafe entry.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            unsafe entry.value.value.bytes = copy(value)
            unsafe entries.initializeElement(at: count, to: entry)
            count += 1
        }
        return unsafe amqp_table_t(num_entries: Int32(count), entries: entries.baseAddress)
    }

    /// Copies a text behind the others of this publication; `refusal` bounds them together.
    private func copy(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { source in
            guard unsafe used + source.count <= texts.count, let base = unsafe texts.baseAddress
            else {
                preconditionFailure("A publication is checked before it is written.")
            }
            let start = unsafe base + used
            if let from = source.baseAddress { unsafe memcpy(start, from, source.count) }
            used += source.count
            return unsafe amqp_bytes_t(len: source.count, bytes: start)
        }
    }
}
