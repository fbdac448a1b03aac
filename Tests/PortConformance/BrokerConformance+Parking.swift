import RekeyCore
import RekeyPorts
import Testing

extension BrokerConformance {
    private static let parked = "rekey.parked.one"

    /// Parks these ids by publishing them straight to the queue.
    private static func park(_ ids: [String], on subject: any BrokerUnderTest) async throws {
        let outcomes = try await publish(
            ids.map { event($0, to: parked, exchange: "", body: Array($0.utf8)) },
            on: subject
        )
        #expect(outcomes == ids.map { _ in .confirmed })
    }

    static func checkListing(_ subject: any BrokerUnderTest) async throws {
        try await park([], on: subject)
        #expect(try await subject.parkingLot.list(parked, limit: 10).isEmpty)
        try await park(["a", "b", "c"], on: subject)
        for _ in 1...(deliveryLimit + 2) {
            let all = try await subject.parkingLot.list(parked, limit: 10)
            #expect(all.map(\.properties.messageID) == ["a", "b", "c"])
            #expect(all.map(\.body) == ["a", "b", "c"].map { Array($0.utf8) })
        }
        for _ in 1...2 {
            let two = try await subject.parkingLot.list(parked, limit: 2)
            #expect(two.map(\.properties.messageID) == ["a", "b"])
        }
        #expect(try await subject.count(in: parked) == 3)
    }

    static func checkReplay(_ subject: any BrokerUnderTest) async throws {
        try await park(["a", "b", "c"], on: subject)
        let lot = subject.parkingLot
        #expect(try await !lot.replay("missing", from: parked, to: "rekey.step.one"))
        #expect(try await lot.replay("b", from: parked, to: "rekey.step.one"))
        #expect(try await !lot.replay("b", from: parked, to: "rekey.step.one"))
        await #expect(throws: StepFailure.self) {
            try await lot.replay("a", from: parked, to: "rekey.step.none")
        }
        #expect(
            try await lot.list(parked, limit: 9).map(\.properties.messageID) == ["a", "c"]
        )
        let one = try await RunningBroker(
            subject.broker(consuming: ["rekey.step.one", "rekey.step.two"])
        )
        let delivery = try await one.collect(1)[0]
        #expect(delivery.properties.messageID == "b")
        #expect(delivery.body == Array("b".utf8))
        #expect(delivery.queue == "rekey.step.one")
        #expect(delivery.deliveryCount == 0)
        await settleAll(one)
        try await one.stop()
        #expect(one.deliveries.count == 1)
    }

    /// Parks one event with these properties, replays it, and returns it as it was delivered.
    private static func replayed(
        _ properties: EventProperties,
        _ subject: any BrokerUnderTest
    ) async throws -> EventProperties {
        let body = Array("{}".utf8)
        let outcomes = try await publish(
            [Publication(exchange: "", routingKey: parked, body: body, properties: properties)],
            on: subject
        )
        #expect(outcomes == [.confirmed])
        let id = try await subject.parkingLot.list(parked, limit: 1).first?.parkedID
        #expect(
            try await subject.parkingLot.replay(id ?? "", from: parked, to: "rekey.step.one")
        )
        let one = try await RunningBroker(subject.broker(consuming: ["rekey.step.one"]))
        let delivery = try await one.collect(1)[0]
        await settleAll(one)
        try await one.stop()
        #expect(delivery.exchange.isEmpty)
        return delivery.properties
    }

    static func checkReplayedIdentity(_ subject: any BrokerUnderTest) async throws {
        let user = subject.user
        let claimed = [EventProperties.firstUserHeader: "somebody"]
        let own = try await replayed(
            EventProperties(messageID: "a", userID: user, headers: claimed),
            subject
        )
        #expect(own.messageID == "a")
        #expect(own.userID == user)
        #expect(own.headers[EventProperties.firstUserHeader] == user)
        #expect(own.headers[EventProperties.replayedByHeader] == user)
        // As Rekey parks it: the broker would refuse another's user id on the copy.
        let marked = claimed.merging([EventProperties.parkedAtHeader: "then"]) { $1 }
        let parked = try await replayed(
            EventProperties(messageID: "b", userID: user, headers: marked),
            subject
        )
        #expect(parked.messageID == "b")
        #expect(parked.headers[EventProperties.firstUserHeader] == "somebody")
        #expect(parked.headers[EventProperties.parkedAtHeader] == "then")
        #expect(parked.userID == user)
        let again = try await replayed(parked, subject)
        #expect(again.headers[EventProperties.firstUserHeader] == "somebody")
        #expect(again.userID == user)
        // Anybody can say as much beside an event that the broker itself parks.
        let forged = try await replayed(
            EventProperties(messageID: "c", headers: parked.headers),
            subject
        )
        #expect(forged.headers[EventProperties.firstUserHeader] == nil)
        #expect(forged.headers[EventProperties.parkedAtHeader] == nil)
        #expect(forged.userID == user)
    }

    static func checkNameless(_ subject: any BrokerUnderTest) async throws {
        #expect(try await replayed(EventProperties(), subject).messageID == nil)
        #expect(try await subject.count(in: parked) == 0)
    }

    static func checkDiscard(_ subject: any BrokerUnderTest) async throws {
        try await park(["a", "b"], on: subject)
        #expect(try await subject.parkingLot.discard("a", from: parked))
        #expect(try await !subject.parkingLot.discard("a", from: parked))
        #expect(try await subject.count(in: parked) == 1)
    }

    static func checkMissingQueue(_ subject: any BrokerUnderTest) async throws {
        do throws(StepFailure) {
            _ = try await subject.parkingLot.list("rekey.parked.none", limit: 1)
            Issue.record("a missing queue was listed")
        } catch {
            #expect(error.kind == .permanent)
            #expect(error.reason.contains("404"))
            #expect(error.reason.contains("rekey.parked.none"))
        }
    }
}
