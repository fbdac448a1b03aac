import Foundation
import InMemoryBroker
import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(2))) struct `The gateway` {
    static let eventGrid = """
        [{"id":"e1","topic":"/subscriptions/s","subject":"db","eventType":\
        "Microsoft.KeyVault.SecretNearExpiry","eventTime":"2026-11-21T12:00:00Z","dataVersion":"1",\
        "data":{"Id":"https://app.vault.azure.net/secrets/db/v1","VaultName":"app",\
        "ObjectName ":"db","Version":" v1","EXP":"1790000000"}}]
        """
    static let cloudEvent = """
        {"specversion":"1.0","id":"e2","source":"/subscriptions/s","type":\
        "Microsoft.KeyVault.SecretNearExpiry","subject":"db","time":"2026-11-21T12:00:00Z",\
        "data":{"Id":"https://app.vault.azure.net/secrets/db/v1","EXP":1790000000}}
        """

    @Test(arguments: [eventGrid, cloudEvent])
    func `stores an event of either schema before it says so`(event: String) async throws {
        let gateway = try RunningGateway()
        try await gateway.run {
            let status1 = try await gateway.post(event).status
            #expect(status1 == 200)
            #expect(gateway.broker.count(in: "rekey.intake") == 1)
        }
    }

    @Test func `says 503 while it cannot store, so that the event comes again`() async throws {
        let gateway = try RunningGateway()
        try await gateway.run(isConnected: false) {
            let status2 = try await gateway.post(Self.cloudEvent).status
            #expect(status2 == 503)
        }
    }

    @Test(arguments: ["wrong", nil])
    func `refuses who does not know the header's secret`(secret: String?) async throws {
        let gateway = try RunningGateway()
        try await gateway.run {
            let status3 = try await gateway.post(Self.cloudEvent, secret: secret).status
            #expect(status3 == 401)
            #expect(gateway.broker.count(in: "rekey.intake") == 0)
        }
    }

    @Test func `answers the validation of a subscription that it expects`() async throws {
        let validation = """
            [{"id":"v","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent",\
            "data":{"validationCode":"the-code","validationUrl":"https://127.0.0.1:1/x"}}]
            """
        let gateway = try RunningGateway()
        try await gateway.run(subscriptions: ["REKEY"]) {
            let answer = try await gateway.post(validation, type: "SubscriptionValidation")
            #expect(answer.status == 200)
            #expect(answer.body == #"{"validationResponse":"the-code"}"#)
        }
        let stranger = try RunningGateway()
        try await stranger.run(subscriptions: ["OTHER"]) {
            let answer = try await stranger.post(validation, type: "SubscriptionValidation")
            #expect(answer.status == 403)
        }
    }

    @Test func `shakes hands with CloudEvents' webhooks`() async throws {
        let gateway = try RunningGateway()
        try await gateway.run {
            let path = "/events/keyvault"
            let origin = ["WebHook-Request-Origin": "eventgrid.azure.net"]
            let answer = try await gateway.send(.options, path, origin)
            #expect(answer.status == 200)
            #expect(answer.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net")
            #expect(answer.headers["WebHook-Allowed-Rate"] == "*")
            let stranger = ["WebHook-Request-Origin": "example.com"]
            let status4 = try await gateway.send(.options, path, stranger).status
            #expect(status4 == 403)
        }
    }

    @Test func `takes the end of a subscription for no event`() async throws {
        let gateway = try RunningGateway()
        try await gateway.run {
            let answer = try await gateway.post("[{}]", type: "SubscriptionDeletion")
            #expect(answer.status == 200)
            #expect(gateway.broker.count(in: "rekey.intake") == 0)
        }
    }

    @Test func `keeps what it cannot read, to be parked with the reason`() async throws {
        let gateway = try RunningGateway()
        try await gateway.run {
            let status5 = try await gateway.post("{\"not\": an event}").status
            #expect(status5 == 200)
            #expect(gateway.broker.count(in: "rekey.intake") == 1)
        }
    }

    // All of a body was kept as one text, cut after 64 KiB, and answered with 200.
    @Test func `stores what it can read beside an event that it cannot`() async throws {
        let gateway = try RunningGateway()
        try await gateway.run {
            let other = Self.cloudEvent.replacing("\"e2\"", with: "\"e3\"")
            let broken = Self.cloudEvent.replacing("\"data\":{", with: "\"data\":null,\"x\":{")
            let answer = try await gateway.post("[\(Self.cloudEvent),\(broken),\(other)]")
            #expect(answer.status == 200)
            #expect(gateway.broker.count(in: "rekey.intake") == 3)
        }
    }

    @Test func `refuses an event that is too long to be kept, and stores the rest`() async throws {
        let gateway = try RunningGateway()
        try await gateway.run {
            let filler = String(repeating: "x", count: 70_000)
            let long = "[\(Self.cloudEvent),{\"not\":\"\(filler)\"}]"
            let status = try await gateway.post(long).status
            #expect(status == 400)
            #expect(gateway.broker.count(in: "rekey.intake") == 1)
        }
    }

    @Test func `refuses a body that is longer than Event Grid's`() async throws {
        let gateway = try RunningGateway()
        try await gateway.run {
            let body = String(repeating: "x", count: 1_100_000)
            let status6 = try await gateway.post(body).status
            #expect(status6 == 413)
        }
    }

    @Test func `is ready only with a broker`() async throws {
        let gateway = try RunningGateway()
        try await gateway.run(isConnected: false) {
            let answer = try await gateway.send(.get, "/ready")
            #expect(answer.status == 503)
            #expect(answer.body.contains("broker: not publishing"))
        }
    }

    @Test(arguments: ["/api/rotations", "/api/rotations/some"])
    func `has rotations asked for again while the journal does not answer`(
        path: String
    ) async throws {
        let gateway = try RunningGateway()
        try await gateway.run(reader: SilentJournal()) {
            let right = ["Authorization": "Bearer \(RunningGateway.token)"]
            let answer = try await gateway.send(.get, path, right)
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "10")
            #expect(answer.body.isEmpty)
        }
    }

    @Test func `shows rotations to those who have the token`() async throws {
        let gateway = try RunningGateway()
        try await gateway.run {
            let status7 = try await gateway.send(.get, "/api/rotations").status
            #expect(status7 == 401)
            let right = ["Authorization": "Bearer \(RunningGateway.token)"]
            let answer = try await gateway.send(.get, "/api/rotations", right)
            #expect(answer.status == 200)
            #expect(answer.body == "[]")
            let unknown = try await gateway.send(.get, "/api/rotations/none", right)
            #expect(unknown.status == 404)
            let metrics = try await gateway.send(.get, "/metrics")
            #expect(metrics.status == 200)
        }
    }
}
