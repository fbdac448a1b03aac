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
