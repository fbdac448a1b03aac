import Foundation

/// The files, ports and environment of one private node.
struct RabbitMQFiles: Sendable {
    static let programs = "/usr/lib/rabbitmq/bin"
    /// The broker's own is 180 s, which is how late a dead letter may be (rabbitmq.md §0 row 11).
    private static let deadLetterRetryMilliseconds = 1_000
    /// How soon the counters of a quorum queue are up to date; the broker's own is 5 s.
    private static let quorumTickMilliseconds = 500

    let directory: TemporaryDirectory
    let node: String
    let port: Int
    let tlsPort: Int
    let distributionPort: Int
    let epmdPort: Int
    private let cookie: String

    /// Nodes of one cluster share an epmd and a cookie.
    init(epmdPort: Int? = nil, cookie: String = TestPassword.make()) throws {
        self.cookie = cookie
        directory = try TemporaryDirectory("rabbitmq")
        node = "rekey-\(UUID().uuidString.prefix(8).lowercased())@localhost"
        port = try FreePort.next()
        tlsPort = try FreePort.next()
        distributionPort = try FreePort.next()
        self.epmdPort = try epmdPort ?? FreePort.next()
    }

    /// Own files and ports for everything; HOME holds the cookie.
    ///
    /// Without the interface the distribution listens on all addresses. The wrappers of `/usr/sbin`
    /// are not used: as root they change HOME, and the cookie no longer matches.
    var environment: [String: String] {
        let loopback = "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false"
        return [
            "PATH": "/usr/lib/rabbitmq/bin:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": directory.path,
            "ERL_EPMD_PORT": "\(epmdPort)",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": node,
            "RABBITMQ_NODE_PORT": "\(port)",
            "RABBITMQ_DIST_PORT": "\(distributionPort)",
            "RABBITMQ_MNESIA_BASE": directory.file("mnesia"),
            "RABBITMQ_LOG_BASE": directory.file("log"),
            "RABBITMQ_CONFIG_FILE": directory.file("rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": directory.file("advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": directory.file("enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": directory.file("generated"),
            "RABBITMQ_PLUGINS_EXPAND_DIR": directory.file("plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CTL_ERL_ARGS": loopback,
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                loopback + " +sbwt none +sbwtdcpu none +sbwtdio none",
        ]
    }

    func write(user: String, password: String, authority: TestCA) async throws {
        for name in ["mnesia", "log", "generated"] {
            try FileManager.default.createDirectory(
                atPath: directory.file(name),
                withIntermediateDirectories: false
            )
        }
        let identity = try await authority.issue()
        let settings = """
            listeners.tcp.1 = 127.0.0.1:\(port)
            listeners.ssl.1 = 127.0.0.1:\(tlsPort)
            ssl_options.cacertfile = \(authority.certificatePath)
            ssl_options.certfile = \(identity.certificatePath)
            ssl_options.keyfile = \(identity.keyPath)
            ssl_options.verify = verify_none
            ssl_options.fail_if_no_peer_cert = false
            default_user = \(user)
            default_pass = \(password)
            disk_free_limit.absolute = 1MB
            """
        let advanced = """
            [{rabbit, [
              {dead_letter_worker_publisher_confirm_timeout, \(Self.deadLetterRetryMilliseconds)},
              {quorum_tick_interval, \(Self.quorumTickMilliseconds)}
            ]}].
            """
        try directory.write(settings + "\n", to: "rabbitmq.conf")
        try directory.write(advanced + "\n", to: "advanced.config")
        try directory.write("[].\n", to: "enabled_plugins")
        try directory.write(cookie, to: ".erlang.cookie", mode: 0o400)
    }
}
