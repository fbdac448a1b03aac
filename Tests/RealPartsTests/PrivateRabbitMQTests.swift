import Foundation
import RealParts
import Testing

@Suite(.serialized, .timeLimit(.minutes(4))) struct `A private RabbitMQ` {
    @Test func `listens on loopback only, distribution and epmd included`() async throws {
        let broker = try await PrivateRabbitMQ.shared()
        var listening: [String] = []
        for pid in await broker.processes {
            listening += try await Listening.addresses(of: pid)
        }
        // AMQP, AMQP over TLS, the distribution, epmd.
        #expect(listening.count >= 4)
        let isLoopback = { $0 == "0100007F" || $0.hasSuffix("01000000") }
        #expect(listening.allSatisfy(isLoopback), "\(listening)")
    }

    @Test func `speaks TLS by its own authority`() async throws {
        let broker = try await PrivateRabbitMQ.shared()
        let outcome = try await ChildProcess.run(
            "openssl",
            [
                "s_client", "-connect", "\(broker.tlsHost):\(broker.tlsPort)",
                "-CAfile", broker.caPath, "-verify_hostname", "localhost", "-verify_return_error",
            ]
        )
        #expect(outcome.output.contains("Verification: OK"))
    }

    @Test func `keeps users, permissions and virtual hosts`() async throws {
        let broker = try await PrivateRabbitMQ.shared()
        let host = "/test-\(UUID().uuidString)"
        try await broker.makeVirtualHost(host)
        try await broker.makeVirtualHost(host)
        let password = TestPassword.make()
        try await broker.addUser("somebody", password: "first")
        try await broker.addUser("somebody", password: password)
        try await broker.setPermissions(
            "somebody",
            virtualHost: host,
            configure: "",
            write: "^rekey\\.intake$",
            read: "^client\\."
        )
        let told = try await broker.rabbitmqctl(
            ["authenticate_user", "somebody"],
            input: password + "\n"
        )
        #expect(told.contains("Success") || told.isEmpty)
        await #expect(throws: PartFailure.self) {
            try await broker.rabbitmqctl(["authenticate_user", "somebody"], input: "first\n")
        }
        let listed = try await broker.rabbitmqctl(["list_user_permissions", "somebody"])
        #expect(listed.contains("^rekey\\.intake$"))
        try await broker.deleteUser("somebody")
        try await broker.deleteVirtualHost(host)
    }

    @Test func `counts what queues hold, and loses a queue on demand`() async throws {
        let broker = try await PrivateRabbitMQ.shared()
        let host = "/queues"
        try await broker.makeVirtualHost(host)
        try await broker.declareQueue("a quorum \"queue\"", type: "quorum", in: host)
        try await broker.declareQueue("classic", type: "classic", in: host)
        let none = PrivateRabbitMQ.QueueCounts(messages: 0, consumers: 0, unacknowledged: 0)
        #expect(
            try await broker.listQueues(host) == ["a quorum \"queue\"": none, "classic": none]
        )
        try await broker.publish("classic", in: host)
        try await broker.publish("a quorum \"queue\"", in: host)
        try await eventually("each holds one") {
            try await broker.listQueues(host).values.allSatisfy { $0.messages == 1 }
        }
        try await broker.deleteQueue("classic", virtualHost: host)
        #expect(try await Array(broker.listQueues(host).keys) == ["a quorum \"queue\""])
        try await broker.deleteVirtualHost(host)
    }

    @Test func `can be broken and mended`() async throws {
        let broker = try await PrivateRabbitMQ.start()
        try await broker.makeVirtualHost("/lasting")
        try await broker.declareQueue("durable", type: "quorum", in: "/lasting")
        try await broker.setMemoryAlarm(true)
        try await broker.setMemoryAlarm(false)
        #expect(try await broker.closeAllConnections() == 0)
        try await broker.stopApp()
        #expect(!FreePort.isOpen(broker.port))
        try await broker.startApp()
        #expect(FreePort.isOpen(broker.port))
        try await broker.restart()
        await broker.pause()
        await broker.resume()
        try await broker.kill()
        #expect(!FreePort.isOpen(broker.port))
        try await broker.launch()
        try await eventually("the queue is back") {
            try await broker.listQueues("/lasting").keys.contains("durable")
        }
        #expect(broker.log.contains("Server startup complete"))
    }
}

extension PrivateRabbitMQ {
    fileprivate func declareQueue(_ name: String, type: String, in host: String) async throws {
        let text = name.utf8.map(String.init).joined(separator: ",")
        try await evaluate(
            """
            {new, _} = rabbit_amqqueue:declare(rabbit_misc:r(<<"\(host)">>, queue, <<\(text)>>),
              true, false, [{<<"x-queue-type">>, longstr, <<"\(type)">>}], none, <<"test">>), ok
            """
        )
    }

    fileprivate func publish(_ queue: String, in host: String) async throws {
        let text = queue.utf8.map(String.init).joined(separator: ",")
        try await evaluate(
            """
            rabbit_basic:publish(rabbit_misc:r(<<"\(host)">>, exchange, <<>>), <<\(text)>>,
              [], <<"body">>)
            """
        )
    }
}
