package import RekeyCore

/// Where the broker is, as whom to sign in, and every limit of the connections.
package struct RabbitMQSettings: Sendable {
    /// One node; several are tried in turn.
    package struct Address: Sendable, Equatable, CustomStringConvertible {
        package let host: String
        package let port: Int

        package init(host: String, port: Int = RabbitMQSettings.defaultPort) {
            self.host = host
            self.port = port
        }

        package var description: String { "\(host):\(port)" }
    }

    package static let defaultPort = 5672
    package static let defaultTLSPort = 5671
    package static let defaultVirtualHost = "/rekey"
    /// Half of the broker's own range of 5 to 20 s.
    package static let defaultHeartbeatSeconds = 10
    /// Publications without an answer at a time; beyond it throughput falls again.
    package static let defaultConfirmWindow = 256
    /// What may lie in socket buffers unanswered, so that an alarm does not block the thread.
    package static let defaultConfirmWindowByteCount = 2 << 20
    /// Publications that wait for their turn; more are refused.
    package static let defaultPendingLimit = 16_384
    package static let bodyByteLimit = 64 << 10
    /// RabbitMQ's frames hold 128 KiB, and headers have to fit one (trap 9 of
    /// deploy/rabbitmq/README.md).
    package static let headerByteLimit = 16 << 10

    package var addresses: [Address]
    package var virtualHost: String
    package var user: String
    /// Asked at every connect, so that the password can rotate.
    package var password: @Sendable () async throws(StepFailure) -> Secret
    package var tls: RabbitMQTLS?

    package var heartbeatSeconds = RabbitMQSettings.defaultHeartbeatSeconds
    package var confirmWindow = RabbitMQSettings.defaultConfirmWindow
    package var confirmWindowByteCount = RabbitMQSettings.defaultConfirmWindowByteCount
    package var pendingLimit = RabbitMQSettings.defaultPendingLimit

    package var connectTimeout = Duration.seconds(5)
    package var handshakeTimeout = Duration.seconds(10)
    package var rpcTimeout = Duration.seconds(15)
    /// How long the kernel lets sent bytes go unacknowledged.
    package var tcpUserTimeout = Duration.seconds(60)
    /// How long a publication waits for its confirm while the broker is not blocked.
    package var confirmTimeout = Duration.seconds(60)
    /// How long a publication waits for a connection, or for a blocked broker, to be written.
    package var publishWait = Duration.seconds(5)
    /// How long a stop waits for acknowledgements and confirms of what is in hand.
    package var drainTimeout = Duration.seconds(5)
    /// When the first connection is given up; `nil` tries for ever.
    package var connectDeadline: Duration?
    /// How long refused credentials are tried again, once they had been accepted: they may rotate.
    package var refusalPatience = Duration.seconds(300)
    /// How long the owner's queue may stay held by what is left of a dead worker's connection.
    package var ownerPatience = Duration.seconds(2)
    package var firstBackoff = Duration.milliseconds(200)
    package var lastBackoff = Duration.seconds(30)
    /// The least pause after a refusal.
    package var refusalBackoff = Duration.seconds(10)

    /// What the tests switch off, to show that it is needed.
    var guards = Guards()

    package init(
        addresses: [Address],
        virtualHost: String = RabbitMQSettings.defaultVirtualHost,
        user: String,
        password: @escaping @Sendable () async throws(StepFailure) -> Secret,
        tls: RabbitMQTLS? = nil
    ) {
        precondition(!addresses.isEmpty, "A broker needs an address.")
        self.addresses = addresses
        self.virtualHost = virtualHost
        self.user = user
        self.password = password
        self.tls = tls
    }
}
