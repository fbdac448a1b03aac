import Foundation
import Glibc

/// A RabbitMQ node of this test process alone: loopback, own ports and files, own epmd.
package actor PrivateRabbitMQ {
    /// How long a node may take to start on a busy machine; about 6 s are usual.
    private static let startLimit = Duration.seconds(90)

    package nonisolated let host = "127.0.0.1"
    /// The name that the certificate is for; librabbitmq 0.11 matches DNS names only.
    package nonisolated let tlsHost = "localhost"
    /// An administrator, with all permissions on `/` and on each virtual host made here.
    package nonisolated let user = "test-administrator"
    package nonisolated let password: String
    package nonisolated let caPath: String
    nonisolated let files: RabbitMQFiles

    package nonisolated var port: Int { files.port }
    package nonisolated var tlsPort: Int { files.tlsPort }

    private let ownsEpmd: Bool
    private var epmd: ChildProcess?
    private var node: ChildProcess?

    /// The node that all tests of this process share; started on first use.
    package static func shared() async throws -> PrivateRabbitMQ { try await once.value }

    private static let once = Task { try await PrivateRabbitMQ.start() }

    /// Starts another node, for tests that break it; ended when dropped.
    package static func start() async throws -> PrivateRabbitMQ {
        let broker = try await PrivateRabbitMQ()
        try await broker.launch()
        return broker
    }

    /// Without `files` it has everything of its own; a node of a cluster uses another's epmd.
    init(
        _ files: RabbitMQFiles? = nil,
        password: String = TestPassword.make(),
        ownsEpmd: Bool = true
    ) async throws {
        let authority = try await TestCA.shared()
        self.password = password
        self.ownsEpmd = ownsEpmd
        caPath = authority.certificatePath
        self.files = try files ?? RabbitMQFiles()
        try await self.files.write(user: user, password: password, authority: authority)
    }

    /// Starts the node again after `stop()` or `kill()`; returns when it takes connections.
    package func launch() async throws {
        if ownsEpmd, epmd?.isRunning != true {
            epmd = try ChildProcess(
                "epmd",
                ["-port", "\(files.epmdPort)", "-address", "127.0.0.1"],
                environment: files.environment,
                lastSignal: .kill
            )
        }
        let epmdPort = files.epmdPort
        try await eventually("epmd listens") { FreePort.isOpen(epmdPort) }
        let program = "\(RabbitMQFiles.programs)/rabbitmq-server"
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw PartFailure("no \(program): run deploy/setup.sh")
        }
        let process = try ChildProcess(
            program,
            environment: files.environment,
            workingDirectory: files.directory.path,
            lastSignal: .kill
        )
        node = process
        try await eventually(within: Self.startLimit, "RabbitMQ has started") {
            guard process.isRunning else {
                throw PartFailure("it ended: \(process.output.suffix(400)) \(process.errors)")
            }
            return process.output.contains("Starting broker... completed")
                && FreePort.isOpen(files.port)
        }
    }

    /// Ends it in order, as an administrator's restart does: clients are told (320).
    package func stop() async throws {
        guard let node, node.isRunning else { return }
        // The answer is lost with the node, so only its end counts.
        _ = try? await evaluate("init:stop()")
        try await node.waitForExit(within: .seconds(60))
    }

    package func restart() async throws {
        try await stop()
        try await launch()
    }

    /// Ends it as a power cut does; `launch()` brings it back with what was on disk.
    ///
    /// Returns when nothing answers on its port: on a busy machine the kernel takes a while to
    /// close the sockets of a killed process.
    package func kill() async throws {
        node?.kill()
        try await node?.waitForExit()
        let port = port
        try await eventually("the port is closed") { !FreePort.isOpen(port) }
    }

    /// Stops the world of this node: connections stay open and nothing answers until `resume()`.
    package func pause() { node?.signalGroup(SIGSTOP) }

    package func resume() { node?.signalGroup(SIGCONT) }

    /// What the node has logged.
    package nonisolated var log: String {
        let path = files.directory.file("log/\(files.node).log")
        return String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// The ids of the node's and its epmd's processes.
    package var processes: [Int32] {
        [node, epmd].compactMap(\.self).flatMap { ProcessSession(leader: $0.pid).members }
    }

    /// `amqp://user:password@host:port/vhost` for the administrator; `amqps` by the TLS name.
    package nonisolated func url(virtualHost: String = "/", tls: Bool = false) -> String {
        let path = virtualHost.replacingOccurrences(of: "/", with: "%2F")
        let place = tls ? "\(tlsHost):\(tlsPort)" : "\(host):\(port)"
        return "\(tls ? "amqps" : "amqp")://\(user):\(password)@\(place)/\(path)"
    }
}
