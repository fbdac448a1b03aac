import CRabbitMQ
import Glibc
import RekeyCore

/// One signed-in connection with one channel, used by one thread only, as librabbitmq requires.
///
/// One channel, because the library drops other channels' frames while it waits for one's
/// (trap 1 of deploy/rabbitmq/README.md); and frames are read by `nextFrame` alone.
@safe final class AMQPConnection {
    static let channel: amqp_channel_t = 1
    /// RabbitMQ's own default, and never 0: that allocates a buffer of nothing.
    static let frameMax: Int32 = 131_072

    let handle: AMQPHandle
    let watch: CallWatch
    /// What the call in progress passes to C.
    let texts = AMQPTexts()
    private let socket: OpaquePointer
    private(set) var descriptor: Int32 = -1

    /// Connects and signs in to one address; `host` is numeric or, for TLS, the name.
    init(
        _ settings: RabbitMQSettings,
        host: String,
        port: Int,
        secret: Secret,
        watch: CallWatch
    ) throws(AMQPFailure) {
        let handle = try AMQPHandle()
        guard let socket = try unsafe Self.makeSocket(handle, settings: settings, host: host) else {
            throw AMQPFailure("amqp_tcp_socket_new", .trouble("out of memory"))
        }
        unsafe self.socket = socket
        self.handle = handle
        self.watch = watch
        try open(settings, host: host, port: port)
        let place = "user \(settings.user) vhost \(settings.virtualHost) \(host):\(port)"
        try logIn(settings, secret: secret, place: place)
        try unsafe call("amqp_channel_open") { state, _ in
            unsafe amqp_channel_open(state, Self.channel) != nil
        }
    }

    /// The interval that was agreed on.
    var heartbeatSeconds: Int {
        unsafe handle.withState { state in unsafe Int(amqp_get_heartbeat(state)) }
    }

    /// Whether a wait for the socket would not miss bytes that were read already.
    var isDrained: Bool {
        unsafe handle.withState { state in
            unsafe amqp_frames_enqueued(state) == 0 && amqp_data_in_buffer(state) == 0
        }
    }

    /// Reads a frame that has arrived; sends and checks heartbeats on the way.
    ///
    /// Returns false where there is none. What the frame points at is valid until `recycle`.
    func nextFrame(
        _ frame: inout amqp_frame_t,
        within wait: Duration = .zero
    )
        throws(AMQPFailure) -> Bool
    {
        var timeout = wait.timeval
        let status = unsafe handle.withState { state in
            unsafe amqp_simple_wait_frame_noblock(state, &frame, &timeout)
        }
        switch status {
        case AMQP_STATUS_OK.rawValue: return true
        case AMQP_STATUS_TIMEOUT.rawValue: return false
        default: throw AMQPFailure("amqp_simple_wait_frame_noblock", .librabbitmq(status))
        }
    }

    /// Reads what has arrived, and drops it: a dead peer is noticed before something is written.
    func discardFrames() throws(AMQPFailure) {
        var frame = unsafe amqp_frame_t()
        while unsafe try nextFrame(&frame) { recycle() }
    }

    /// Gives the memory of read frames back to the channel's pool.
    func recycle() {
        unsafe handle.withState { state in
            unsafe amqp_maybe_release_buffers_on_channel(state, Self.channel)
        }
    }

    /// Does a call that answers with a status.
    func send(_ name: String, _ body: (amqp_connection_state_t) -> Int32) throws(AMQPFailure) {
        let status = unsafe handle.withState { state in unsafe body(state) }
        guard status == AMQP_STATUS_OK.rawValue else {
            throw AMQPFailure(name, .librabbitmq(status))
        }
    }

    /// Writes what `body` writes in as few segments as it fits: the broker is woken once for many.
    ///
    /// The kernel sends a full segment at once, and the rest when `body` ends. Where it refuses the
    /// option each write is sent by itself, as without it.
    func together(_ body: () throws(AMQPFailure) -> Void) throws(AMQPFailure) {
        setCork(true)
        defer { setCork(false) }
        try body()
    }

    private func setCork(_ isOn: Bool) {
        var value: CInt = isOn ? 1 : 0
        let size = socklen_t(MemoryLayout<CInt>.size)
        _ = unsafe setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_CORK, &value, size)
    }

    /// Does a remote call and waits for its answer, within the rpc timeout.
    ///
    /// Frames that arrive meanwhile are kept by the library and read next, in order.
    func call(
        _ name: String,
        at place: String = "",
        _ body: (amqp_connection_state_t, AMQPTexts) -> Bool
    ) throws(AMQPFailure) {
        watch.enter()
        defer { texts.removeAll() }
        let failure: AMQPFailure? = unsafe handle.withState { state in
            guard unsafe !body(state, texts) else { return nil }
            return unsafe AMQPFailure(name, amqp_get_rpc_reply(state), at: place)
        }
        if let failure { throw failure }
    }

    /// Opens the channel again after the broker closed it.
    func reopenChannel() throws(AMQPFailure) {
        var answer = amqp_channel_close_ok_t()
        try unsafe send("channel.close-ok") { state in
            unsafe amqp_send_method(
                state,
                Self.channel,
                AMQPMethod.channelCloseOK.rawValue,
                &answer
            )
        }
        try unsafe call("amqp_channel_open") { state, _ in
            unsafe amqp_channel_open(state, Self.channel) != nil
        }
    }

    /// Says goodbye, within the rpc timeout; what is unacknowledged goes back to its queue.
    func close() {
        watch.enter()
        unsafe handle.withState { state in
            _ = unsafe amqp_channel_close(state, Self.channel, AMQP_REPLY_SUCCESS)
            _ = unsafe amqp_connection_close(state, AMQP_REPLY_SUCCESS)
        }
    }
}

extension AMQPConnection {
    private static func makeSocket(
        _ handle: borrowing AMQPHandle,
        settings: RabbitMQSettings,
        host: String
    ) throws(AMQPFailure) -> OpaquePointer? {
        guard let tls = settings.tls else {
            return unsafe handle.withState { state in unsafe amqp_tcp_socket_new(state) }
        }
        return try unsafe tls.makeSocket(handle, host: host)
    }

    private func open(
        _ settings: RabbitMQSettings,
        host: String,
        port: Int
    )
        throws(AMQPFailure)
    {
        var handshake = settings.handshakeTimeout.timeval
        var rpc = settings.rpcTimeout.timeval
        var connect = settings.connectTimeout.timeval
        let status = unsafe handle.withState { state in
            _ = unsafe amqp_set_handshake_timeout(state, &handshake)
            _ = unsafe amqp_set_rpc_timeout(state, &rpc)
            return unsafe amqp_socket_open_noblock(socket, host, Int32(port), &connect)
        }
        guard status == AMQP_STATUS_OK.rawValue else {
            let place = "\(host):\(port)"
            throw AMQPFailure("amqp_socket_open_noblock", .librabbitmq(status), at: place)
        }
        descriptor = unsafe handle.withState { state in unsafe amqp_get_sockfd(state) }
        setOption(IPPROTO_TCP, TCP_USER_TIMEOUT, Int32(settings.tcpUserTimeout / .milliseconds(1)))
        setOption(SOL_SOCKET, SO_KEEPALIVE, 1)
        let interval = Int32(settings.heartbeatSeconds)
        setOption(IPPROTO_TCP, TCP_KEEPIDLE, interval)
        setOption(IPPROTO_TCP, TCP_KEEPINTVL, interval)
        setOption(IPPROTO_TCP, TCP_KEEPCNT, Self.keepaliveProbes)
        watch.watch(descriptor)
    }

    private static let keepaliveProbes: Int32 = 3

    /// A refused option leaves the heartbeat and the watchdog, which suffice.
    private func setOption(_ level: Int, _ option: Int32, _ value: Int32) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe setsockopt(descriptor, Int32(level), option, &value, size)
    }

    private func setOption(_ level: Int32, _ option: Int32, _ value: Int32) {
        setOption(Int(level), option, value)
    }

    private func logIn(
        _ settings: RabbitMQSettings,
        secret: Secret,
        place: String
    )
        throws(AMQPFailure)
    {
        let capabilities = AMQPTable(
            settings.guards.sendsCapabilities ? ["capabilities": .table(Self.capabilities)] : [:]
        )
        watch.enter()
        let failure: AMQPFailure? = unsafe handle.withState { state in
            unsafe secret.revealTerminated { password in
                unsafe capabilities.withTable { table in
                    var properties = unsafe table
                    let reply = unsafe amqp_login_plain(
                        state,
                        settings.virtualHost,
                        Int32(Self.channel),
                        Self.frameMax,
                        Int32(settings.heartbeatSeconds),
                        &properties,
                        settings.user,
                        password
                    )
                    return unsafe AMQPFailure("amqp_login", reply, at: place)
                }
            }
        }
        if let failure { throw failure }
    }

    /// Trap 6 of deploy/rabbitmq/README.md: without them a deleted queue and an alarm are silent.
    private static let capabilities: [String: AMQPTable.Value] = [
        "consumer_cancel_notify": .flag(true),
        "connection.blocked": .flag(true),
        "basic.nack": .flag(true),
        "publisher_confirms": .flag(true),
    ]
}
