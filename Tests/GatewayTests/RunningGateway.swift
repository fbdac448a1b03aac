import Foundation
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

/// A gateway on a free port of loopback, with a broker and a journal in memory.
struct RunningGateway {
    static let secret = "shared-with-event-grid"
    static let token = "token-of-the-api"

    let broker: InMemoryBroker
    let journal = InMemoryJournal(clock: SystemClock())
    let address: String
    private let port: Int
    private let http = HTTPClient(name: "gateway-tests")

    init() throws {
        port = try FreePort.next()
        address = "http://127.0.0.1:\(port)"
        broker = InMemoryBroker(
            topology: SagaBus.topology(hookKinds: []),
            subscriptions: []
        )
    }

    static let sharedSecret = GatewaySettings.Authentication.header(
        name: "X-Rekey-Secret",
        value: { () async throws(StepFailure) -> Secret in
            Secret(copying: RunningGateway.secret.utf8)
        }
    )

    /// Runs the gateway while `body` lasts.
    func run(
        isConnected: Bool = true,
        subscriptions: Set<String> = [],
        authentication: GatewaySettings.Authentication = RunningGateway.sharedSecret,
        apiToken: String = RunningGateway.token,
        reader: (any JournalReader)? = nil,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let settings = GatewaySettings(
            host: "127.0.0.1",
            port: port,
            brokerUser: "gateway",
            eventGrid: authentication,
            subscriptions: subscriptions,
            apiToken: { () async throws(StepFailure) -> Secret in
                Secret(copying: apiToken.utf8)
            }
        )
        let gateway = Gateway(
            settings,
            broker: broker,
            reader: reader ?? journal.reader,
            registry: PrometheusMetrics(),
            secrets: ["orders"],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let broker = broker
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gateway.run() }
            if isConnected { group.addTask { try await broker.run() } }
            try await eventually("the gateway answers") {
                try await self.send(.get, "/health").status == 200
            }
            if isConnected {
                try await eventually("the broker is connected") {
                    broker.state.isPublishing
                }
            }
            try await body()
            group.cancelAll()
        }
    }

    func send(
        _ method: HTTPMethod,
        _ path: String,
        _ headers: [String: String] = [:],
        body: String? = nil
    ) async throws -> (status: Int, headers: HTTPHeaders, body: String) {
        let response = try await http.send(
            HTTPRequest(
                method,
                address + path,
                headers: headers.map { HTTPHeader(name: $0.key, value: $0.value) },
                body: body.map { Secret(copying: $0.utf8) }
            )
        )
        let text = response.body.reveal { span in
            unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        }
        return (response.status, response.headers, text)
    }

    func post(
        _ body: String,
        type: String = "Notification",
        secret: String? = RunningGateway.secret
    ) async throws -> (status: Int, headers: HTTPHeaders, body: String) {
        var headers = [
            "aeg-event-type": type, "aeg-subscription-name": "REKEY",
            "Content-Type": "application/json",
        ]
        headers["X-Rekey-Secret"] = secret
        return try await send(.post, "/events/keyvault", headers, body: body)
    }
}
