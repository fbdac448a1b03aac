import CRabbitMQ
import Glibc

/// One connection with one channel, as thin over librabbitmq as it can be.
///
/// Used by one thread.
@safe final class EchoConnection {
    private static let channel: amqp_channel_t = 1
    private static let frameMax: Int32 = 131_072
    private static let heartbeatSeconds: Int32 = 60

    private let state: amqp_connection_state_t
    /// Names that live as long as the connection, so that a publication copies none.
    private var names: [String: UnsafeMutablePointer<UInt8>] = unsafe [:]

    init(_ place: EchoPlace) throws {
        guard let state = unsafe amqp_new_connection() else {
            throw BenchFailure("amqp_new_connection: out of memory")
        }
        unsafe self.state = state
        guard let socket = unsafe amqp_tcp_socket_new(state) else {
            throw BenchFailure("amqp_tcp_socket_new: out of memory")
        }
        try check("open", unsafe amqp_socket_open(socket, place.host, Int32(place.port)))
        var properties = unsafe amqp_table_t()
        let reply = unsafe amqp_login_plain(
            state,
            place.virtualHost,
            1,
            Self.frameMax,
            Self.heartbeatSeconds,
            &properties,
            place.user,
            place.password
        )
        guard unsafe reply.reply_type == AMQP_RESPONSE_NORMAL else {
            throw BenchFailure("amqp_login was refused")
        }
        try called("channel.open", unsafe amqp_channel_open(state, Self.channel) != nil)
    }

    deinit {
        unsafe amqp_destroy_connection(state)
        for unsafe(_, bytes) in unsafe names { unsafe bytes.deallocate() }
    }

    var descriptor: Int32 { unsafe amqp_get_sockfd(state) }

    /// Whether a wait for the socket would not miss bytes that were read already.
    var isDrained: Bool {
        unsafe amqp_frames_enqueued(state) == 0 && amqp_data_in_buffer(state) == 0
    }

    func declareQuorum(_ queue: String) throws {
        var entry = unsafe amqp_table_entry_t()
        unsafe entry.key = bytes(of: "x-queue-type")
        unsafe entry.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
        unsafe entry.value.value.bytes = bytes(of: "quorum")
        let name = unsafe bytes(of: queue)
        let isDone = unsafe withUnsafeMutablePointer(to: &entry) { entry in
            let table = unsafe amqp_table_t(num_entries: 1, entries: entry)
            return unsafe amqp_queue_declare(state, Self.channel, name, 0, 1, 0, 0, table) != nil
        }
        try called("queue.declare", isDone)
    }

    func consume(_ queue: String, prefetch: Int) throws {
        try called(
            "basic.qos",
            unsafe amqp_basic_qos(state, Self.channel, 0, UInt16(prefetch), 0) != nil
        )
        let name = unsafe bytes(of: queue)
        let isDone = unsafe amqp_basic_consume(
            state,
            Self.channel,
            name,
            amqp_bytes_t(),
            0,
            0,
            0,
            amqp_table_t()
        )
        try called("basic.consume", unsafe isDone != nil)
    }

    func selectConfirms() throws {
        try called("confirm.select", unsafe amqp_confirm_select(state, Self.channel) != nil)
    }

    /// Publishes durably to a queue, and to nobody else.
    func publish(_ body: UnsafeRawBufferPointer, to queue: String, id: String) throws {
        var properties = unsafe amqp_basic_properties_t()
        unsafe properties.delivery_mode = 2
        unsafe properties.message_id = bytes(of: id)
        let flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG
        unsafe properties._flags = amqp_flags_t(bitPattern: flags)
        let message = unsafe amqp_bytes_t(
            len: body.count,
            bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)
        )
        let status = unsafe amqp_basic_publish(
            state,
            Self.channel,
            amqp_bytes_t(),
            bytes(of: queue),
            1,
            0,
            &properties,
            message
        )
        try check("basic.publish", status)
    }

    func acknowledge(_ tag: UInt64) throws {
        try check("basic.ack", unsafe amqp_basic_ack(state, Self.channel, tag, 0))
    }

    /// Reads a frame that has arrived; false where there is none.
    func nextFrame(_ frame: inout amqp_frame_t) throws -> Bool {
        var zero = timeval()
        let status = unsafe amqp_simple_wait_frame_noblock(state, &frame, &zero)
        if status == AMQP_STATUS_TIMEOUT.rawValue { return false }
        try check("amqp_simple_wait_frame_noblock", status)
        return true
    }

    /// Gives the memory of read frames back.
    func recycle() { unsafe amqp_maybe_release_buffers_on_channel(state, Self.channel) }

    private func bytes(of name: String) -> amqp_bytes_t {
        let count = name.utf8.count
        if let known = unsafe names[name] { return unsafe amqp_bytes_t(len: count, bytes: known) }
        let made = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, 1))
        for (index, byte) in name.utf8.enumerated() {
            unsafe (made + index).initialize(to: byte)
        }
        unsafe names[name] = made
        return unsafe amqp_bytes_t(len: count, bytes: made)
    }

    private func check(_ call: String, _ status: Int32) throws {
        guard status == AMQP_STATUS_OK.rawValue else {
            throw BenchFailure("\(call): librabbitmq status \(status)")
        }
    }

    private func called(_ call: String, _ isDone: Bool) throws {
        guard isDone else { throw BenchFailure("\(call) failed") }
    }
}

/// Where a broker is, and as whom to sign in.
struct EchoPlace: Sendable {
    let host: String
    let port: Int
    let virtualHost: String
    let user: String
    let password: String
}
