import RekeyPorts
import Testing

extension BrokerConformance {
    static func checkRouting(_ subject: any BrokerUnderTest) async throws {
        let one = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        let two = try await RunningBroker(subject.broker(consuming: ["rekey.step.two"]))
        let outcomes = await one.broker.publish([
            event("a", to: "one"), event("b", to: "one.x.y"), event("c", to: "two.x"),
            event("d", to: "x.both"), event("e", to: "one.both"), event("f", to: "x.y.both"),
            event("g", to: "any", exchange: "rekey.all"),
            event("h", to: "rekey.step.one", exchange: ""), event("i", to: "two.x.y"),
            event("j", to: "oneness"),
        ])
        #expect(outcomes.dropLast(2).allSatisfy { $0 == .confirmed })
        #expect(outcomes.suffix(2) == [.returned, .returned])
        let announcement = Publication(
            exchange: "rekey.events",
            routingKey: "oneness",
            body: [],
            properties: EventProperties(messageID: "k"),
            mustArrive: false
        )
        #expect(await one.broker.publish([announcement]) == [.confirmed])
        try await one.collect(5)
        try await two.collect(5)
        #expect(Set(one.ids) == ["a", "b", "d", "e", "h"])
        #expect(Set(two.ids) == ["c", "d", "e", "f", "g"])
        #expect(one.deliveries.allSatisfy { $0.queue == "rekey.step.one" })
        await settleAll(one)
        await settleAll(two)
        try await one.stop()
        try await two.stop()
        #expect((one.ids.count, two.ids.count) == (5, 5))
    }

    static func checkContents(_ subject: any BrokerUnderTest) async throws {
        let one = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        let properties = EventProperties(
            messageID: "0b9c8f0e-62b2-5b0e-8a3a-0a4f5a1f7a11",
            type: "rekey.rotation.completed.v1",
            contentType: "application/cloudevents+json",
            correlationID: "correlation",
            appID: "rekey",
            headers: ["traceparent": "00-1-2-03", "größe": "ä→𝄞", "empty": ""]
        )
        let bodies = [[], [0], Array(repeating: 0xFF, count: 64 << 10)] as [[UInt8]]
        let outcomes = await one.broker.publish(
            bodies.map {
                Publication(
                    exchange: "rekey.events",
                    routingKey: "one.x",
                    body: $0,
                    properties: properties
                )
            }
        )
        #expect(outcomes == [.confirmed, .confirmed, .confirmed])
        let deliveries = try await one.collect(3)
        #expect(deliveries.map(\.body) == bodies)
        for delivery in deliveries {
            var headers = delivery.properties.headers
            headers["x-delivery-count"] = nil
            #expect(headers == properties.headers)
            var others = delivery.properties
            others.headers = properties.headers
            #expect(others == properties)
            #expect(delivery.exchange == "rekey.events")
            #expect(delivery.routingKey == "one.x")
            #expect(!delivery.isRedelivered)
            #expect(delivery.deliveryCount == 0)
        }
        await settleAll(one)
        try await one.stop()
    }

    static func checkAnswers(_ subject: any BrokerUnderTest) async throws {
        let events = (0..<500).map { event("\($0)", to: $0 % 3 == 0 ? "nowhere" : "one.x") }
        let outcomes = try await publish(events, on: subject)
        #expect(
            outcomes == (0..<500).map { $0 % 3 == 0 ? PublishOutcome.returned : .confirmed }
        )
        #expect(try await subject.count(in: "rekey.step.one") == 333)
    }

    static func checkLimits(_ subject: any BrokerUnderTest) async throws {
        let tooLong = event("a", to: "one", body: Array(repeating: 0, count: 65 << 10))
        let tooWide = Publication(
            exchange: "rekey.events",
            routingKey: "one",
            body: [],
            properties: EventProperties(
                messageID: "b",
                headers: ["wide": String(repeating: "x", count: 17 << 10)]
            )
        )
        let outcomes = try await publish([tooLong, event("c", to: "one"), tooWide], on: subject)
        guard outcomes.count == 3, case .unpublishable = outcomes[0],
            case .unpublishable = outcomes[2]
        else {
            Issue.record("not refused: \(outcomes)")
            return
        }
        #expect(outcomes[1] == .confirmed)
    }

    static func checkMissingExchange(_ subject: any BrokerUnderTest) async throws {
        let sender = try await RunningBroker(subject.broker(consuming: []))
        let outcomes = await sender.broker.publish([event("a", to: "x", exchange: "missing")])
        guard case .refused(let reason)? = outcomes.first else {
            Issue.record("not refused: \(outcomes)")
            return
        }
        #expect(reason.contains("404"))
        #expect(reason.contains("missing"))
        try await sender.wait("the rest goes on") {
            await sender.broker.publish([event("b", to: "one")]) == [.confirmed]
        }
        try await sender.stop()
    }

    static func checkRepeatedIDs(_ subject: any BrokerUnderTest) async throws {
        let twice = [event("a", to: "one"), event("a", to: "one"), event("a", to: "nowhere")]
        #expect(
            try await publish(twice, on: subject) == [.confirmed, .confirmed, .returned]
        )
        #expect(try await subject.count(in: "rekey.step.one") == 2)
    }

    static func checkPublishingAfterEnd(_ subject: any BrokerUnderTest) async throws {
        let sender = try await RunningBroker(subject.broker(consuming: []))
        try await sender.stop()
        let outcomes = await sender.broker.publish([event("a", to: "one")])
        guard case .unknown? = outcomes.first, outcomes.count == 1 else {
            Issue.record("not unknown: \(outcomes)")
            return
        }
        #expect(!sender.broker.state.isPublishing)
    }

    package static func settleAll(_ running: RunningBroker) async {
        await running.broker.acknowledge(running.deliveries.map(\.tag))
    }
}
