import Foundation
import RekeyCore
import RekeyPlatform
import Synchronization

/// Posts to a subscription's address, with its headers or a token.
final class Webhook: Sendable {
    /// Event Grid waits this long for an answer.
    static let timeout = Duration.seconds(30)
    static let origin = "eventgrid.azure.net"
    static let rate = "120"

    private let standIn: StandIn
    /// By file of the trusted authority.
    private let clients = Mutex<[String: HTTPClient]>([:])

    init(standIn: StandIn) { self.standIn = standIn }

    /// Asks the receiver whether it wants the events, in the way of the subscription's schema.
    func validate(_ subscription: EventSubscription) async -> Bool {
        switch subscription.schema {
        case .eventGrid: await validateByCode(subscription)
        case .cloudEvents: await validateByOptions(subscription)
        }
    }

    /// The receiver must answer 200 and give the code back.
    private func validateByCode(_ subscription: EventSubscription) async -> Bool {
        let address = "https://localhost:553/eventsubscriptions/\(subscription.name)/validate"
        let topic = await standIn.read { world in
            "/subscriptions/\(world.subscription)/resourceGroups/\(world.resourceGroup)"
        }
        let body: JSON = [
            [
                "id": .string(UUID().uuidString.lowercased()), "topic": .string(topic),
                "subject": "", "eventTime": .string(TimeText.milliseconds(Date())),
                "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
                "data": [
                    "validationCode": .string(subscription.validationCode),
                    "validationUrl": .string("\(address)?id=\(subscription.validationCode)"),
                ],
                "dataVersion": "2", "metadataVersion": "1",
            ]
        ]
        var headers = await headers(of: subscription)
        headers["aeg-event-type"] = "SubscriptionValidation"
        headers["content-type"] = "application/json; charset=utf-8"
        let response = await send(.post, subscription, headers, body.bytes)
        guard let response, response.status == 200 else { return false }
        let answer = response.body.reveal { span in
            unsafe span.withUnsafeBytes { unsafe JSON(parsing: $0) }
        }
        return answer?["validationResponse"]?.string == subscription.validationCode
    }

    /// HTTP 1.1 Web Hooks for Event Delivery, 4.1: the status alone is no consent.
    private func validateByOptions(_ subscription: EventSubscription) async -> Bool {
        var headers = await headers(of: subscription)
        headers["WebHook-Request-Origin"] = Webhook.origin
        headers["WebHook-Request-Rate"] = Webhook.rate
        let response = await send(.options, subscription, headers, nil)
        guard let response, response.status == 200,
            let allowed = response.headers["WebHook-Allowed-Origin"]
        else { return false }
        return [Webhook.origin, "*"].contains(allowed)
            && response.headers["WebHook-Allowed-Rate"] != nil
    }

    /// Delivers one event and gives the status, or 0 where there was no answer.
    func send(
        _ event: VaultEvent,
        to subscription: EventSubscription,
        attempt: Int
    ) async -> Int {
        var headers = await headers(of: subscription)
        headers["aeg-event-type"] = "Notification"
        headers["aeg-delivery-count"] = String(attempt)
        headers["content-type"] =
            subscription.schema == .cloudEvents
            ? "application/cloudevents+json; charset=utf-8" : "application/json; charset=utf-8"
        let body = await standIn.read { world in
            event.body(schema: subscription.schema, at: world.now, in: world)
        }
        return await send(.post, subscription, headers, body.bytes)?.status ?? 0
    }

    private func headers(of subscription: EventSubscription) async -> [String: String] {
        var headers = subscription.headers
        headers["aeg-subscription-name"] = subscription.name
        if let audience = subscription.audience, let name = subscription.application {
            // Without a token the receiver refuses, which is what a test of it wants to see.
            let token = try? await standIn.token(forApplication: name, audience: audience)
            headers["authorization"] = token.map { "Bearer \($0)" }
        }
        return headers
    }

    private func send(
        _ method: HTTPMethod,
        _ subscription: EventSubscription,
        _ headers: [String: String],
        _ body: [UInt8]?
    ) async -> HTTPResponse? {
        let client = clients.withLock { clients in
            if let known = clients[subscription.trustFile] { return known }
            let made = HTTPClient(trust: .file(subscription.trustFile), name: "webhook")
            clients[subscription.trustFile] = made
            return made
        }
        let request = HTTPRequest(
            method,
            subscription.url,
            headers: headers.map { name, value in
                HTTPHeader(name: name, secret: Secret(copying: Array(value.utf8)))
            },
            body: body.map { Secret(copying: $0) },
            timeout: Webhook.timeout
        )
        // No answer is an outcome like another: the delivery is tried again.
        return try? await client.send(request)
    }
}
