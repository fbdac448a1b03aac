import Foundation
import RealParts
import RekeyCore
import RekeyPlatform
import StandInParts

extension Estate {
    /// Event Grid's two forms of one fact.
    enum Schema: String, CaseIterable, Sendable { case eventGrid, cloudEvents }

    /// An Event Grid subscription of the stand-in, whose webhook is the gateway.
    func subscribe(_ schema: Schema) async throws {
        try await azure.control(
            .post,
            "/subscriptions",
            [
                "name": "rekey", "vaults": ["app"],
                "schema": schema == .eventGrid ? "eventgrid" : "cloudevents",
                "url": eventsAddress,
                "eventTypes": ["Microsoft.KeyVault.SecretNearExpiry"],
                "headers": ["X-Rekey-Secret": "file:\(folder.file("event-grid"))"],
                "ca": authority,
            ]
        )
    }

    /// The client secret as it is, in a version that ends in ten days; returns the version.
    @discardableResult
    func bringNearExpiry() async throws -> String {
        struct Answer: Decodable { let version: String }
        let answer = try await azure.control(
            .put,
            "/vaults/app/secrets/orders-client-secret",
            [
                "name": "orders-client-secret", "valueFrom": "application:orders-api",
                "expiresInSeconds": 864_000,
            ]
        )
        return try JSONDecoder().decode(Answer.self, from: answer).version
    }

    /// A near-expiry event about a version of the client secret.
    func event(_ schema: Schema, id: String, version: String) -> String {
        let vault = azure.facts.vaults["app"] ?? ""
        let secret = "orders-client-secret"
        let data = """
            {"Id":"\(vault)/secrets/\(secret)/\(version)","VaultName":"app",\
            "ObjectType":"Secret","ObjectName":"\(secret)","Version":"\(version)",\
            "NBF":null,"EXP":1790000000}
            """
        switch schema {
        case .eventGrid:
            return """
                {"id":"\(id)","topic":"/subscriptions/s/vaults/app","subject":"\(secret)",\
                "eventType":"Microsoft.KeyVault.SecretNearExpiry",\
                "eventTime":"2026-11-21T12:00:00Z","dataVersion":"1","metadataVersion":"1",\
                "data":\(data)}
                """
        case .cloudEvents:
            return """
                {"specversion":"1.0","id":"\(id)","source":"/subscriptions/s/vaults/app",\
                "type":"Microsoft.KeyVault.SecretNearExpiry","subject":"\(secret)",\
                "time":"2026-11-21T12:00:00Z","data":\(data)}
                """
        }
    }

    /// Posts a body to the gateway as Event Grid does; returns the status.
    @discardableResult
    func post(_ body: String) async throws -> Int {
        try await http.send(
            HTTPRequest(
                .post,
                eventsAddress,
                headers: [
                    HTTPHeader(name: "aeg-event-type", value: "Notification"),
                    HTTPHeader(name: "Content-Type", value: "application/json"),
                    HTTPHeader(name: "X-Rekey-Secret", value: Self.eventSecret),
                ],
                body: Secret(copying: body.utf8)
            )
        ).status
    }

    /// Posts events over four connections, ten to a request, and again where it is asked for.
    func flood(_ events: [String]) async throws {
        let bodies = stride(from: 0, to: events.count, by: 10).map { start in
            "[" + events[start..<min(start + 10, events.count)].joined(separator: ",") + "]"
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<4 {
                group.addTask {
                    for index in stride(from: lane, to: bodies.count, by: 4) {
                        try await eventually(within: .seconds(60), "events are taken") {
                            try await self.post(bodies[index]) == 200
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

extension [StandIn.Change] {
    /// How often Rekey itself did something, and it was done.
    func done(_ operation: String, vault: String? = nil) -> Int {
        count {
            $0.operation == operation && $0.principalName == "rekey" && $0.changed != nil
                && (vault == nil || $0.vault == vault)
        }
    }

    /// Rekey's requests that are neither a read nor a request for a token.
    var writes: [String] {
        filter {
            $0.principalName == "rekey" && $0.method != "GET" && $0.operation != "token"
        }.map { "\($0.operation) \($0.path ?? "")" }
    }
}
