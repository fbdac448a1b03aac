import Foundation
import HTTPTypes
import Hummingbird
import Logging
import RekeyAzure
import RekeyCore
import RekeyPorts

/// Takes Event Grid's webhooks, and answers only once the broker has what they brought.
///
/// Event Grid never repeats after 400, 401, 403 and 413, so those are said only when certain;
/// 503 makes it come again (azure.md §3).
struct EventIntake: Sendable {
    let settings: GatewaySettings
    let broker: any Broker
    let logger: Logger

    /// POST: events in either schema, or the validation of a subscription.
    func take(_ request: Request) async throws -> Response {
        let caller: String
        switch await judge(request) {
        case .refused(let response): return response
        case .known(let name): caller = name
        }
        let body: [UInt8]
        do {
            let buffer = try await request.body.collect(upTo: GatewaySettings.bodyByteLimit)
            body = Array(buffer.readableBytesView)
        } catch {
            return Response(status: .contentTooLarge)
        }
        switch request.headers[.eventGridType] {
        case "SubscriptionValidation": return validate(body, request)
        case "SubscriptionDeletion": return Response(status: .ok)
        default: return await store(body, from: caller)
        }
    }

    /// OPTIONS: the handshake of CloudEvents' webhooks (http-webhook.md §4).
    func shakeHands(_ request: Request) async throws -> Response {
        guard let origin = request.headers[.webHookRequestOrigin],
            GatewaySettings.allowedOrigins.contains(origin)
        else { return Response(status: .forbidden) }
        var headers: HTTPFields = [.webHookAllowedOrigin: origin, .allow: "POST"]
        headers[.webHookAllowedRate] = "*"
        return Response(status: .ok, headers: headers)
    }

    /// Who calls, by a name that the journal can keep.
    private enum Caller {
        case known(String)
        case refused(Response)

        static func refused(_ status: HTTPResponse.Status) -> Caller {
            .refused(Response(status: status))
        }
    }

    /// A holder of the shared secret is known by its header's name, an application by its id.
    private func judge(_ request: Request) async -> Caller {
        switch settings.eventGrid {
        case nil: return .refused(.notFound)
        case .header(let text, let source):
            guard let name = HTTPField.Name(text), let sent = request.headers[name] else {
                return .refused(.unauthorized)
            }
            do {
                let expected = try await source()
                // Nothing is no secret: whoever sends none would have it.
                guard expected.byteCount > 0 else { return .refused(.serviceUnavailable) }
                let isRight = Secret(copying: sent.utf8) == expected
                return isRight ? .known(text) : .refused(.unauthorized)
            } catch {
                logger.error(
                    "the header's secret cannot be read",
                    metadata: ["failure.reason": "\(error.reason)"]
                )
                return .refused(.serviceUnavailable)
            }
        case .entra(let verifier):
            guard let token = request.headers[.authorization], token.hasPrefix("Bearer ") else {
                return .refused(.unauthorized)
            }
            do {
                return .known(
                    try await verifier.application(in: String(token.dropFirst("Bearer ".count)))
                )
            } catch .invalid(let what) {
                // Event Grid does not send again what was refused so.
                logger.notice("a token was refused", metadata: ["failure.reason": "\(what)"])
                return .refused(.unauthorized)
            } catch {
                return .refused(.serviceUnavailable)
            }
        }
    }

    /// The code is answered; the validation URL is never fetched, for it may lead anywhere.
    private func validate(_ body: [UInt8], _ request: Request) -> Response {
        struct Validation: Decodable {
            struct Content: Decodable { var validationCode: String }
            var data: Content
        }
        let name = request.headers[.eventGridSubscription] ?? ""
        guard settings.subscriptions.isEmpty || settings.subscriptions.contains(name) else {
            return Response(status: .forbidden)
        }
        // Anything else than one validation event is none.
        guard let events = try? JSONDecoder().decode([Validation].self, from: Data(body)),
            let code = events.first?.data.validationCode
        else { return Response(status: .badRequest) }
        return .json(["validationResponse": code])
    }

    private func store(_ body: [UInt8], from caller: String) async -> Response {
        var publications: [Publication] = []
        var isWhole = true
        for part in Self.parts(of: body) {
            if let kept = self.publications(of: part, from: caller) {
                publications += kept
            } else {
                isWhole = false
                logger.warning("an event is unreadable, and too long to be kept for a person")
            }
        }
        let outcomes = await broker.publish(publications)
        if outcomes.allSatisfy({ $0 == .confirmed }) {
            return Response(status: isWhole ? .ok : .badRequest)
        }
        let isHopeless = outcomes.allSatisfy { outcome in
            if case .unpublishable = outcome { true } else { outcome == .confirmed }
        }
        if isHopeless {
            logger.warning("an event is beyond what the broker takes")
            return Response(status: .badRequest)
        }
        logger.warning("events could not be stored, and will come again")
        return Response(status: .serviceUnavailable, headers: [.retryAfter: "10"])
    }

    /// The body as it is, or, where it is a list of which not all can be read, each of its own.
    private static func parts(of body: [UInt8]) -> [[UInt8]] {
        guard (try? IntakeParser.events(in: body)) == nil,
            let list = try? JSONSerialization.jsonObject(with: Data(body)) as? [Any],
            list.count <= IntakeParser.largestBatch
        else { return [body] }
        return list.map { event in
            let options: JSONSerialization.WritingOptions = [.sortedKeys, .fragmentsAllowed]
            let data = try? JSONSerialization.data(withJSONObject: event, options: options)
            return [UInt8](data ?? Data())
        }
    }

    /// One publication for each event; nil where it is longer than what can be parked.
    ///
    /// What cannot be read goes on as it is, to be parked with the reason.
    /// What an event says of its `authid` is replaced by who was verified.
    private func publications(of body: [UInt8], from caller: String) -> [Publication]? {
        do {
            return try IntakeParser.events(in: body).map { outside in
                var event = outside
                event.authID = caller
                return Publication(
                    exchange: Self.exchange,
                    routingKey: event.type.routingKey,
                    body: event.encoded(),
                    properties: EventProperties(
                        messageID: event.id.text,
                        type: event.type.name,
                        contentType: CloudEvent.contentType,
                        appID: "rekey-gateway",
                        userID: settings.brokerUser
                    )
                )
            }
        } catch {
            guard body.count <= CloudEvent.largestByteCount else { return nil }
            let id = UUIDv5.text(in: "rekey.unreadable", [String(decoding: body, as: UTF8.self)])
            return [
                Publication(
                    exchange: Self.exchange,
                    routingKey: "unreadable",
                    body: body,
                    properties: EventProperties(
                        messageID: id,
                        appID: "rekey-gateway",
                        userID: settings.brokerUser
                    )
                )
            ]
        }
    }

    private static let exchange = "rekey.intake"
}

extension Response {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        guard let bytes = try? encoder.encode(value) else {
            return Response(status: .internalServerError)
        }
        return Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}

extension HTTPField.Name {
    static let eventGridType = Self.named("aeg-event-type")
    static let eventGridSubscription = Self.named("aeg-subscription-name")
    static let webHookRequestOrigin = Self.named("WebHook-Request-Origin")
    static let webHookAllowedOrigin = Self.named("WebHook-Allowed-Origin")
    static let webHookAllowedRate = Self.named("WebHook-Allowed-Rate")

    private static func named(_ name: String) -> Self {
        guard let field = Self(name) else {
            preconditionFailure("\(name) is a name that HTTP allows")
        }
        return field
    }
}
