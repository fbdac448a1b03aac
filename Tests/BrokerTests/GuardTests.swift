import PortConformance
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import RabbitMQBroker

/// Traps 3 to 6 and 9 of deploy/rabbitmq/README.md on a real broker, with each guard and without.
@Suite(.timeLimit(.minutes(2))) struct `RabbitMQ with a guard and without` {
    private static func broker(
        _ test: TestBroker,
        consuming queues: [String] = ["rekey.step.one"],
        _ change: (inout Guards) -> Void = { _ in }
    ) -> RabbitMQBroker {
        var settings = test.settings
        change(&settings.guards)
        return RabbitMQBroker(
            settings: settings,
            topology: BrokerConformance.topology,
            subscriptions: queues.map { Subscription($0) }
        )
    }

    /// Delivers one event `times` times, cutting the connection each time; counts the deliveries.
    private static func deliveries(limit: AMQPTable.Value, times: Int) async throws -> Int {
        let test = try await TestBroker.fresh()
        let running = try await RunningBroker(broker(test) { $0.deliveryLimit = limit })
        _ = await running.broker.publish([BrokerConformance.event("a", to: "one")])
        for time in 1...times {
            try await running.wait("it came again or was parked") {
                if running.deliveries.count >= time { return true }
                return try await test.count(in: "rekey.parked.one") == 1
            }
            guard running.deliveries.count >= time else { break }
            try await test.cut()
        }
        try await running.wait("it came again or was parked") {
            if running.deliveries.count > times { return true }
            return try await test.count(in: "rekey.parked.one") == 1
        }
        let count = running.deliveries.count
        try await running.stop()
        return count
    }

    // Row 3: on 3.10 a limit of -1 is no limit but the least of all.
    @Test func `delivers again under the limit that is declared, and not under -1`() async throws {
        let limit = AMQPTable.Value.integer(TopologyDeclaration.deliveryLimit)
        #expect(try await Self.deliveries(limit: limit, times: 3) == 4)
        #expect(try await Self.deliveries(limit: .integer(-1), times: 3) == 1)
    }

    // Row 4: a limit that is a text is accepted, and ignored.
    @Test func `parks at a limit that is a number, and never at one that is a text`() async throws {
        #expect(try await Self.deliveries(limit: .integer(1), times: 3) == 2)
        #expect(try await Self.deliveries(limit: .text("1"), times: 3) == 4)
    }

    /// Parks an event, replays it, and returns what was then delivered.
    private static func replayed(stripping: Bool) async throws -> Delivery {
        let test = try await TestBroker.fresh()
        let running = try await RunningBroker(broker(test))
        _ = await running.broker.publish([BrokerConformance.event("a", to: "one")])
        await running.broker.reject(try await running.collect(1)[0].tag)
        try await running.wait("it is parked") {
            try await test.count(in: "rekey.parked.one") == 1
        }
        var settings = test.settings
        settings.guards.stripsDeathHeaders = stripping
        let lot = RabbitMQParkingLot(settings: settings)
        let parked = try await lot.list("rekey.parked.one", limit: 1)
        #expect(parked.first?.properties.headers["x-first-death-queue"] == "rekey.step.one")
        #expect(try await lot.replay("a", from: "rekey.parked.one", to: "rekey.step.one"))
        let delivery = try await running.collect(2)[1]
        await running.broker.acknowledge([delivery.tag])
        try await running.stop()
        return delivery
    }

    // Row 5: before 4.0 a copied x-death makes the broker drop what looks like a cycle.
    @Test func `replays without what a dead letter carried, or with it`() async throws {
        let clean = try await Self.replayed(stripping: true).properties.headers
        #expect(clean.keys.filter { $0.hasPrefix("x-") && $0 != "x-delivery-count" }.isEmpty)
        let copied = try await Self.replayed(stripping: false).properties.headers
        #expect(copied["x-first-death-queue"] == "rekey.step.one")
    }

    // Row 6: without the capability a deleted queue is not announced.
    @Test func `hears of a deleted queue, or does not`() async throws {
        let test = try await TestBroker.fresh()
        let running = try await RunningBroker(Self.broker(test))
        let tag = await running.broker.publish([BrokerConformance.event("a", to: "one")])
        #expect(tag == [.confirmed])
        try await running.collect(1)
        try await test.server.deleteQueue("rekey.step.one", virtualHost: test.virtualHost)
        try await running.wait("it is declared again") {
            await running.broker.publish([BrokerConformance.event("b", to: "one")]) == [.confirmed]
        }
        try await running.collect(2)
        #expect(running.ids.contains("b"))
        #expect(running.deliveries[1].tag.connection == 1)
        try await running.stop()

        let deaf = try await TestBroker.fresh()
        let other = try await RunningBroker(
            Self.broker(deaf) { guards in
                guards.sendsCapabilities = false
                guards.repairsBindings = false
            }
        )
        try await deaf.server.deleteQueue("rekey.step.one", virtualHost: deaf.virtualHost)
        for _ in 1...20 {
            let outcome = await other.broker.publish([BrokerConformance.event("c", to: "one")])
            #expect(outcome == [.returned])
        }
        #expect(other.broker.state.isConsuming)
        try await other.stop()
    }

    // Nobody tells of a deleted binding: that events come back is the only sign of it.
    @Test(arguments: [true, false])
    func `declares a deleted binding again, or does not`(isGuarded: Bool) async throws {
        let test = try await TestBroker.fresh()
        let running = try await RunningBroker(
            Self.broker(test) { $0.repairsBindings = isGuarded }
        )
        let count = try await test.server.deleteBindings(
            from: "rekey.events",
            toQueues: "rekey.step.",
            virtualHost: test.virtualHost
        )
        #expect(count > 0)
        var outcomes: [[PublishOutcome]] = []
        // Unguarded three times as long as the pause before a repair.
        let end = ContinuousClock.now + .seconds(isGuarded ? 30 : 3)
        while outcomes.last != [.confirmed], ContinuousClock.now < end {
            outcomes.append(
                await running.broker.publish([BrokerConformance.event("a", to: "one")])
            )
        }
        #expect(outcomes.contains([.returned]))
        #expect(outcomes.contains([.confirmed]) == isGuarded)
        try await running.stop()
    }

    // Row 9: headers beyond one frame make the broker close the connection under all others.
    @Test func `refuses headers that fit no frame, or loses the connection`() async throws {
        let wide = Publication(
            exchange: "rekey.events",
            routingKey: "one",
            body: [],
            properties: EventProperties(
                messageID: "wide",
                headers: ["wide": String(repeating: "x", count: 140_000)]
            )
        )
        let narrow = BrokerConformance.event("narrow", to: "one")
        let test = try await TestBroker.fresh()
        let running = try await RunningBroker(Self.broker(test, consuming: []))
        let outcomes = await running.broker.publish([narrow, wide, narrow])
        #expect(outcomes.first == .confirmed)
        #expect(outcomes.last == .confirmed)
        try await running.stop()
        let careless = try await RunningBroker(
            Self.broker(test, consuming: []) { $0.capsHeaders = false }
        )
        let lost = await careless.broker.publish([narrow, wide, narrow])
        #expect(lost.last != .confirmed)
        try await careless.stop()
    }

    // §3: without the flag what cannot be routed is confirmed, and gone.
    @Test func `is told what could not be routed, or loses it`() async throws {
        let test = try await TestBroker.fresh()
        let event = BrokerConformance.event("a", to: "nowhere")
        let running = try await RunningBroker(Self.broker(test))
        #expect(await running.broker.publish([event]) == [.returned])
        try await running.stop()
        let careless = try await RunningBroker(Self.broker(test) { $0.publishesMandatory = false })
        #expect(await careless.broker.publish([event]) == [.confirmed])
        try await careless.stop()
    }

    // §6: a tag that was settled already closes the channel.
    @Test func `keeps its connection when a tag is settled twice, or loses it`() async throws {
        for isGuarded in [true, false] {
            let test = try await TestBroker.fresh()
            let running = try await RunningBroker(
                Self.broker(test) { $0.ignoresVoidTags = isGuarded }
            )
            _ = await running.broker.publish([BrokerConformance.event("a", to: "one")])
            let tag = try await running.collect(1)[0].tag
            await running.broker.acknowledge([tag, tag])
            try await running.wait("the next event comes") {
                _ = await running.broker.publish([BrokerConformance.event("b", to: "one")])
                let last = running.deliveries.last?.tag.connection ?? 0
                return running.deliveries.count > 1 && (isGuarded || last > 1)
            }
            #expect(running.deliveries.last?.tag.connection == (isGuarded ? 1 : 2))
            try await running.stop()
        }
    }

    // §2: a crash raises the count of everything outstanding, innocents included.
    @Test func `hands a suspect over alone, or with its neighbours`() async throws {
        for isGuarded in [true, false] {
            let test = try await TestBroker.fresh()
            let running = try await RunningBroker(
                Self.broker(test) { $0.quarantinesSuspects = isGuarded }
            )
            let ids = (1...6).map { "\($0)" }
            _ = await running.broker.publish(
                ids.map { BrokerConformance.event($0, to: "one") }
            )
            for time in 1...Quarantine.deliveryCount {
                try await running.collect(time * ids.count)
                try await test.cut()
            }
            let before = Quarantine.deliveryCount * ids.count
            for settled in 0..<ids.count {
                let all = try await running.collect(before + settled + 1)
                if isGuarded {
                    #expect(all.count == before + settled + 1)
                    await running.broker.acknowledge([all[before + settled].tag])
                }
            }
            #expect(Set(running.ids.suffix(ids.count)) == Set(ids))
            await BrokerConformance.settleAll(running)
            _ = await running.broker.publish([BrokerConformance.event("new", to: "one")])
            try await running.collect(before + ids.count + 1)
            #expect(running.ids.last == "new")
            try await running.stop()
        }
    }

    /// Plays a process that dies whenever it has `killer` in its hands, until that is parked;
    /// answers whether the others were taken, and the most deliveries of one of them.
    private static func survive(
        _ killer: String,
        among ids: [String],
        guarded isGuarded: Bool
    ) async throws -> (taken: Set<String>, mostDeliveries: Int) {
        let test = try await TestBroker.fresh()
        let running = try await RunningBroker(
            broker(test) { $0.quarantinesSuspects = isGuarded }
        )
        _ = await running.broker.publish(ids.map { BrokerConformance.event($0, to: "one") })
        var taken: Set<String> = []
        var most = 0
        var seen = 0
        while try await test.count(in: "rekey.parked.one") == 0 || taken.count < ids.count - 1 {
            let isOver = try await test.count(in: "rekey.parked.one") == ids.count - taken.count
            if isOver { break }
            let fresh = running.deliveries.dropFirst(seen)
            seen += fresh.count
            // A crash is the end of all that one process was handed.
            if fresh.contains(where: { $0.properties.messageID == killer }) {
                try await test.cut()
                continue
            }
            for delivery in fresh { most = max(most, delivery.deliveryCount) }
            taken.formUnion(fresh.compactMap(\.properties.messageID))
            await running.broker.acknowledge(fresh.map(\.tag))
            try await Task.sleep(for: .milliseconds(5))
        }
        try await running.stop()
        return (taken, most)
    }

    // §2: they were counted by each crash, and parked with the killer.
    @Test func `takes no innocent along with what kills it, or all of them`() async throws {
        let ids = (1...12).map { "\($0)" }
        let guarded = try await Self.survive("3", among: ids, guarded: true)
        #expect(guarded.taken == Set(ids).subtracting(["3"]))
        #expect(guarded.mostDeliveries <= Quarantine.deliveryCount + 1)
        let unguarded = try await Self.survive("3", among: ids, guarded: false)
        #expect(unguarded.taken.count < ids.count - 1)
    }
}
