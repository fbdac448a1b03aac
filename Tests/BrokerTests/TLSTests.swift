import PortConformance
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import RabbitMQBroker

@Suite(.timeLimit(.minutes(2))) struct `A connection over TLS` {
    private static func settings(
        host: String? = nil,
        port: Int? = nil,
        caFile: String? = nil
    )
        async throws -> RabbitMQSettings
    {
        let test = try await TestBroker.fresh()
        var settings = test.settings
        settings.addresses = [
            .init(host: host ?? test.server.tlsHost, port: port ?? test.server.tlsPort)
        ]
        settings.tls = RabbitMQTLS(caFile: caFile ?? test.server.caPath)
        settings.connectDeadline = .milliseconds(500)
        return settings
    }

    private static func failure(_ settings: RabbitMQSettings) async throws -> StepFailure {
        let broker = RabbitMQBroker(settings: settings, topology: Topology())
        return try await RunningBroker(broker, isReady: false).failed()
    }

    @Test func `carries events`() async throws {
        let broker = RabbitMQBroker(
            settings: try await Self.settings(),
            topology: BrokerConformance.topology,
            subscriptions: [Subscription("rekey.step.one")]
        )
        let running = try await RunningBroker(broker)
        let body = Array(repeating: UInt8(7), count: 60_000)
        let events = (0..<50).map { BrokerConformance.event("\($0)", to: "one", body: body) }
        #expect(await broker.publish(events).allSatisfy { $0 == .confirmed })
        #expect(try await running.collect(50).allSatisfy { $0.body == body })
        await broker.acknowledge(running.deliveries.map(\.tag))
        try await running.stop()
    }

    @Test func `refuses another authority`() async throws {
        let stranger = try await TestCA.make(name: "stranger")
        let failure = try await Self.failure(
            Self.settings(caFile: stranger.certificatePath)
        )
        #expect(failure.kind == .permanent)
        #expect(failure.reason.contains("amqp_socket_open_noblock: -514"))
        #expect(failure.reason.contains("localhost"))
        withExtendedLifetime(stranger) {}
    }

    @Test func `refuses another name`() async throws {
        let authority = try await TestCA.shared()
        let identity = try await authority.issue("other", names: ["DNS:other.example"])
        let port = try FreePort.next()
        let server = try ChildProcess(
            "openssl",
            [
                "s_server", "-quiet", "-accept", "127.0.0.1:\(port)",
                "-cert", identity.certificatePath, "-key", identity.keyPath,
            ]
        )
        try await eventually("the server listens") { FreePort.isOpen(port) }
        let failure = try await Self.failure(
            Self.settings(port: port, caFile: authority.certificatePath)
        )
        server.kill()
        #expect(failure.kind == .permanent)
        #expect(failure.reason.contains("amqp_socket_open_noblock: -513"))
    }

    @Test func `refuses an address in the place of a name`() async throws {
        let failure = try await Self.failure(Self.settings(host: "127.0.0.1"))
        #expect(failure.kind == .permanent)
        #expect(failure.reason.contains("must be a name"))
        #expect(failure.reason.contains("127.0.0.1"))
    }

    @Test func `refuses a missing file of authorities`() async throws {
        let failure = try await Self.failure(Self.settings(caFile: "/nonexistent/ca.pem"))
        #expect(failure.kind == .permanent)
        #expect(failure.reason.contains("/nonexistent/ca.pem"))
    }

    @Test(arguments: [
        ["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"],
        ["-tls1_2", "-cipher", "NULL-SHA256:@SECLEVEL=0"],
        ["-tls1_2", "-cipher", "ADH-AES128-SHA256:@SECLEVEL=0"],
    ])
    func `refuses a server whose TLS is too weak`(options: [String]) async throws {
        let authority = try await TestCA.shared()
        let identity = try await authority.issue("weak", names: ["DNS:localhost"])
        let port = try FreePort.next()
        let server = try ChildProcess(
            "openssl",
            [
                "s_server", "-quiet", "-accept", "127.0.0.1:\(port)",
                "-cert", identity.certificatePath, "-key", identity.keyPath,
            ] + options
        )
        try await eventually("the server listens") { FreePort.isOpen(port) }
        let failure = try await Self.failure(
            Self.settings(port: port, caFile: authority.certificatePath)
        )
        server.kill()
        #expect(failure.reason.contains("amqp_socket_open_noblock"), "\(failure)")
        // AMQP's greeting and a password would be in what the server prints.
        #expect(!server.output.contains("AMQP"))
    }
}
