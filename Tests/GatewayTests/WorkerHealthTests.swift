import InMemoryBroker
import InMemoryJournal
import Logging
import RealParts
import RekeyCore
import RekeyGateway
import RekeyPlatform
import RekeyPorts
import RekeyTelemetry
import RekeyWorker
import Testing

@Suite(.timeLimit(.minutes(2))) struct `A worker's health` {
    private let http = HTTPClient(name: "health-tests")

    private func service(_ port: Int, _ broker: InMemoryBroker) -> WorkerHealth {
        WorkerHealth(
            host: "127.0.0.1",
            port: port,
            broker: broker,
            reader: InMemoryJournal(clock: SystemClock()).reader,
            registry: PrometheusMetrics(),
            secrets: ["orders"],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func status(_ port: Int, _ path: String) async throws -> Int {
        try await http.send(HTTPRequest(.get, "http://127.0.0.1:\(port)\(path)")).status
    }

    @Test func `is told, and nothing of the gateway's`() async throws {
        let port = try FreePort.next()
        let broker = InMemoryBroker(
            topology: SagaBus.topology(hookKinds: []),
            subscriptions: [SagaBus.intake]
        )
        let health = service(port, broker)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await health.run() }
            try await eventually("it answers") { try await status(port, "/health") == 200 }
            let before = try await status(port, "/ready")
            #expect(before == 503)
            group.addTask { try await broker.run() }
            try await eventually("it is ready") { try await status(port, "/ready") == 200 }
            let metrics = try await status(port, "/metrics")
            #expect(metrics == 200)
            for path in ["/api/rotations", "/events/keyvault"] {
                let others = try await status(port, path)
                #expect(others == 404)
            }
            group.cancelAll()
        }
    }

    @Test func `says which setting names an address that is taken`() async throws {
        let port = try FreePort.next()
        let broker = InMemoryBroker(topology: SagaBus.topology(hookKinds: []))
        let first = service(port, broker)
        let second = service(port, broker)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await first.run() }
            try await eventually("it answers") { try await status(port, "/health") == 200 }
            let failure = await #expect(throws: StepFailure.self) { try await second.run() }
            let reason = failure?.reason ?? ""
            #expect(reason == "worker.listen 127.0.0.1:\(port): the address is in use")
            group.cancelAll()
        }
    }
}
