import RekeyPorts
import Testing

extension BrokerConformance {
    static func checkAcknowledged(_ subject: any BrokerUnderTest) async throws {
        let one = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        _ = await one.broker.publish((0..<60).map { event("\($0)", to: "one") })
        try await one.collect(60)
        await settleAll(one)
        try await one.wait("all are gone") { try await subject.count(in: "rekey.step.one") == 0 }
        try await subject.cut(one.broker)
        try await reconnect(one)
        _ = await one.broker.publish([event("last", to: "one")])
        try await one.collect(61)
        #expect(one.ids.last == "last")
        #expect(one.ids.count == 61)
        await settleAll(one)
        try await one.stop()
    }

    static func checkAcknowledgedInAnyOrder(_ subject: any BrokerUnderTest) async throws {
        let one = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        _ = await one.broker.publish((0..<9).map { event("\($0)", to: "one") })
        let all = try await one.collect(9)
        await one.broker.acknowledge([8, 0, 1, 4, 2, 6].map { all[$0].tag })
        try await one.wait("six are gone") { try await subject.count(in: "rekey.step.one") == 3 }
        try await subject.cut(one.broker)
        try await one.collect(12)
        #expect(Set(one.ids.suffix(3)) == Set([3, 5, 7].map { one.ids[$0] }))
        await settleAll(one)
        try await one.stop()
    }

    static func checkRedelivery(_ subject: any BrokerUnderTest) async throws {
        let one = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        _ = await one.broker.publish([event("a", to: "one"), event("b", to: "one")])
        let first = try await one.collect(2)
        try await subject.cut(one.broker)
        let all = try await one.collect(4)
        #expect(Set(one.ids.suffix(2)) == ["a", "b"])
        for delivery in all.suffix(2) {
            #expect(delivery.isRedelivered)
            #expect(delivery.deliveryCount == 1)
            #expect(!first.map(\.tag).contains(delivery.tag))
        }
        await one.broker.acknowledge(first.map(\.tag))
        for delivery in first { await one.broker.reject(delivery.tag) }
        _ = await one.broker.publish([event("c", to: "one")])
        try await one.collect(5)
        #expect(try await subject.count(in: "rekey.step.one") == 3)
        await settleAll(one)
        try await one.wait("the new tags count") {
            try await subject.count(in: "rekey.step.one") == 0
        }
        try await one.stop()
    }

    static func checkRejection(_ subject: any BrokerUnderTest) async throws {
        let one = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        _ = await one.broker.publish([event("a", to: "one"), event("b", to: "one")])
        let both = try await one.collect(2)
        await one.broker.reject(both[0].tag)
        await one.broker.acknowledge([both[1].tag])
        try await one.wait("it is parked") {
            try await subject.count(in: "rekey.parked.one") == 1
        }
        #expect(try await subject.count(in: "rekey.step.one") == 0)
        try await one.stop()
        let parked = try await subject.parkingLot.list("rekey.parked.one", limit: 10)
        #expect(parked.map(\.properties.messageID) == [both[0].properties.messageID])
    }

    static func checkDeliveryLimit(_ subject: any BrokerUnderTest) async throws {
        let one = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        _ = await one.broker.publish([event("a", to: "one")])
        for time in 1...(deliveryLimit + 1) {
            let all = try await one.collect(time)
            #expect(all.map(\.deliveryCount) == Array(0..<time))
            try await subject.cut(one.broker)
        }
        try await one.wait("it is parked") {
            try await subject.count(in: "rekey.parked.one") == 1
        }
        try await reconnect(one)
        try await one.stop()
        #expect(one.deliveries.count == deliveryLimit + 1)
    }

    static func checkVoidTags(_ subject: any BrokerUnderTest) async throws {
        let one = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        _ = await one.broker.publish([event("a", to: "one")])
        let tag = try await one.collect(1)[0].tag
        await one.broker.acknowledge([tag, tag])
        await one.broker.acknowledge([tag, Delivery.Tag(connection: 99, number: 1)])
        await one.broker.reject(tag)
        await one.broker.acknowledge([Delivery.Tag(connection: tag.connection, number: 77)])
        _ = await one.broker.publish([event("b", to: "one")])
        let second = try await one.collect(2)[1]
        #expect(second.tag.connection == tag.connection)
        #expect(try await subject.count(in: "rekey.parked.one") == 0)
        await settleAll(one)
        try await one.stop()
    }

    static func checkSharing(_ subject: any BrokerUnderTest) async throws {
        let left = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        let right = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        _ = await left.broker.publish((0..<100).map { event("\($0)", to: "one") })
        try await left.wait("all came") { left.ids.count + right.ids.count >= 100 }
        #expect(Set(left.ids + right.ids).count == 100)
        #expect(!left.ids.isEmpty)
        #expect(!right.ids.isEmpty)
        await settleAll(left)
        await settleAll(right)
        try await left.stop()
        try await right.stop()
    }

    static func checkEnd(_ subject: any BrokerUnderTest) async throws {
        let one = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        _ = await one.broker.publish([event("a", to: "one"), event("b", to: "one")])
        let both = try await one.collect(2)
        await one.broker.acknowledge([both[0].tag])
        try await one.stop()
        #expect(!one.isDelivering)
        #expect(!one.broker.state.isConsuming)
        let two = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        let again = try await two.collect(1)
        #expect(again.map(\.properties.messageID) == [both[1].properties.messageID])
        await settleAll(two)
        try await two.stop()
    }

    package static func reconnect(_ running: RunningBroker) async throws {
        try await running.wait("it is back") {
            running.broker.state.isConsuming && running.broker.state.isPublishing
        }
    }
}
