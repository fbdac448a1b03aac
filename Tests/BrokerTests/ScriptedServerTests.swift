import Glibc
import PortConformance
import RekeyCore
import RekeyPorts
import Testing

@testable import RabbitMQBroker

/// Traps 1, 2, 10, 11 and 12 of deploy/rabbitmq/README.md, against a server that follows a script.
@Suite(.timeLimit(.minutes(2))) struct `A scripted server` {
    private static func settings(_ server: ScriptedServer) -> RabbitMQSettings {
        var settings = RabbitMQSettings(
            addresses: [.init(host: "127.0.0.1", port: server.port)],
            user: "rekey",
            password: { Secret(copying: Array("secret".utf8)) }
        )
        settings.heartbeatSeconds = 1
        settings.guards.shortestCallLimit = .milliseconds(500)
        settings.drainTimeout = .milliseconds(100)
        settings.rpcTimeout = .seconds(2)
        return settings
    }

    // Row 1: librabbitmq drops other channels' frames while it waits for one's.
    @Test func `sees one channel on each of two connections`() async throws {
        let server = try ScriptedServer()
        let broker = RabbitMQBroker(
            settings: Self.settings(server),
            topology: BrokerConformance.topology,
            subscriptions: [Subscription("rekey.step.one")]
        )
        let running = try await RunningBroker(broker)
        let opened = server.calls.filter { $0.method == 0x0014_000A }
        // On a busy machine the watchdog may have had to begin a connection anew.
        #expect(opened.count >= 2)
        #expect(opened.allSatisfy { $0.channel == 1 })
        #expect(Set(opened.map(\.connection)).count == opened.count)
        try await running.stop()
        server.close()
    }

    // Row 1: what arrives between a call and its answer belongs to somebody.
    @Test func `loses no delivery that comes before an answer`() async throws {
        let server = try ScriptedServer { call in
            // The second qos is sent while the first queue is being consumed.
            guard call.method == 0x003C_0014, call.names.first == "rekey.step.two" else {
                return .answer
            }
            let deliveries = (1...3).flatMap {
                AMQPBytes.delivery(consumer: "0", tag: $0, id: "\($0)", body: [UInt8($0)])
            }
            return .answerAfter(deliveries)
        }
        let broker = RabbitMQBroker(
            settings: Self.settings(server),
            topology: BrokerConformance.topology,
            subscriptions: [Subscription("rekey.step.one"), Subscription("rekey.step.two")]
        )
        let running = try await RunningBroker(broker)
        try await running.collect(3)
        #expect(running.ids == ["1", "2", "3"])
        #expect(running.deliveries.map(\.queue) == Array(repeating: "rekey.step.one", count: 3))
        try await running.stop()
        server.close()
    }

    /// Publishes 32 MiB to a server that stops reading, and tells whether an answer came.
    ///
    /// What did not happen `within` that time is not going to: the guard acts after 2 to 3 s.
    private static func publishIntoSilence(
        within limit: Duration = .seconds(60),
        _ guards: (inout Guards) -> Void
    ) async throws
        -> [PublishOutcome]?
    {
        let server = try ScriptedServer { $0.method == 0x0055_000A ? .fallSilent : .answer }
        var settings = settings(server)
        settings.confirmWindowByteCount = 64 << 20
        settings.confirmWindow = 1_000
        guards(&settings.guards)
        let broker = RabbitMQBroker(settings: settings, topology: Topology())
        let running = try await RunningBroker(broker)
        let event = BrokerConformance.event(
            "a",
            to: "one",
            body: Array(repeating: 0, count: 64 << 10)
        )
        let outcomes = Answer()
        let publisher = Task {
            outcomes.set(await broker.publish(Array(repeating: event, count: 512)))
        }
        try? await running.wait("it was answered", within: limit) { outcomes.value != nil }
        let answer = outcomes.value
        server.close()
        await publisher.value
        try? await running.stop()
        return answer
    }

    // Row 2: in librabbitmq 0.11 a publish to a peer that does not read never returns.
    @Test func `that reads nothing does not hold up a publisher`() async throws {
        let answer = try #require(try await Self.publishIntoSilence { _ in })
        #expect(
            answer.allSatisfy { outcome in
                if case .unknown = outcome { true } else { false }
            }
        )
    }

    @Test func `that reads nothing holds up a publisher for ever without the watchdog`()
        async throws
    {
        let answer = try await Self.publishIntoSilence(within: .seconds(6)) {
            $0.watchesCalls = false
        }
        #expect(answer == nil)
    }

    // Row 2: a read that waits for nothing notices that the heartbeats are missing.
    @Test func `that is silent is noticed by the read before a publish`() async throws {
        let server = try ScriptedServer { $0.method == 0x0014_000A ? .fallSilent : .answer }
        let settings = Self.settings(server)
        let thread = LinkThread(name: "test", stackByteCount: LinkThread.stackByteCount)
        let failure: AMQPFailure? = await thread.run {
            let watch = CallWatch()
            defer { watch.forget() }
            do throws(AMQPFailure) {
                let connection = try AMQPConnection.connect(
                    settings,
                    to: settings.addresses[0],
                    secret: Secret(copying: []),
                    watch: watch
                )
                LinkPoll.wait(connection.descriptor, -1, for: .milliseconds(2_500))
                try connection.discardFrames()
                return nil
            } catch {
                return error
            }
        }
        #expect(failure?.cause == .librabbitmq(-15))
        server.close()
    }

    // Row 11: dead letters to a queue that is not there are tried again only after three minutes.
    @Test func `sees what dead letters need declared before what has them`() async throws {
        let server = try ScriptedServer()
        let broker = RabbitMQBroker(
            settings: Self.settings(server),
            topology: BrokerConformance.topology,
            ownerQueue: "rekey.owner"
        )
        let running = try await RunningBroker(broker)
        let declared = server.calls.filter {
            $0.connection == 1 && [0x0028_000A, 0x0032_000A, 0x0032_0014].contains($0.method)
        }.map(\.names)
        let owner = try #require(declared.firstIndex { $0.first == "rekey.owner" })
        let parked = try #require(declared.firstIndex { $0.first == "rekey.parked.one" })
        let exchange = try #require(declared.firstIndex { $0.first == "rekey.dead" })
        let binding = try #require(
            declared.firstIndex { $0.starts(with: ["rekey.parked.one", "rekey.dead"]) }
        )
        let step = try #require(declared.firstIndex { $0.first == "rekey.step.one" })
        #expect(
            [owner, parked, exchange, binding, step]
                == [owner, parked, exchange, binding, step].sorted()
        )
        try await running.stop()
        server.close()
    }

    // Row 12: the delayed-message exchange is archived; rows 3 and 4: a limit is a positive int64.
    @Test func `sees no delayed exchange, no lifetime and a positive limit on every queue`()
        async throws
    {
        let server = try ScriptedServer()
        let broker = RabbitMQBroker(
            settings: Self.settings(server),
            topology: BrokerConformance.topology
        )
        let running = try await RunningBroker(broker)
        let kinds = server.calls.filter { $0.method == 0x0028_000A }.compactMap {
            $0.names.dropFirst().first
        }
        #expect(Set(kinds).isSubset(of: ["topic", "direct", "fanout"]))
        let queues = server.calls.filter { $0.method == 0x0032_000A }
        #expect(queues.count == BrokerConformance.topology.queues.count)
        let name = AMQPBytes.shortText("x-delivery-limit") + [UInt8(ascii: "l")]
        for queue in queues {
            let found = try #require(queue.arguments.firstRange(of: name))
            let digits = queue.arguments[found.upperBound...].prefix(8)
            let limit = digits.reduce(Int64(0)) { $0 << 8 | Int64($1) }
            #expect(limit > 0)
            let lifetime = queue.arguments.firstRange(of: AMQPBytes.shortText("x-message-ttl"))
            #expect(lifetime == nil)
        }
        try await running.stop()
        server.close()
    }

    /// Consumes an event whose header table is 20,000 levels deep; a crash ends the process.
    private static func consumeNested(stackByteCount: Int) async throws {
        let server = try ScriptedServer { call in
            guard call.method == 0x003C_0014 else { return .answer }
            return .answerBefore(
                AMQPBytes.delivery(
                    consumer: "0",
                    tag: 1,
                    id: "deep",
                    body: [1],
                    headers: AMQPBytes.nestedTable(depth: 20_000)
                )
            )
        }
        var settings = settings(server)
        settings.guards.stackByteCount = stackByteCount
        let broker = RabbitMQBroker(
            settings: settings,
            topology: Topology(),
            subscriptions: [Subscription("rekey.step.one")]
        )
        let running = try await RunningBroker(broker, isReady: false)
        let delivery = try await running.collect(1)[0]
        #expect(delivery.properties.messageID == "deep")
        #expect(delivery.properties.headers.isEmpty)
        try await running.stop()
        server.close()
    }

    // Row 10: librabbitmq 0.11 recurses over nested header tables without a limit.
    @Test func `that nests headers deeply does no harm`() async {
        await #expect(processExitsWith: .success) {
            try await Self.consumeNested(stackByteCount: LinkThread.stackByteCount)
        }
    }

    @Test func `that nests headers deeply ends a process with small stacks`() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            try await Self.consumeNested(stackByteCount: 512 << 10)
        }
    }
}
