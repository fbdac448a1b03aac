import InMemoryBroker
import InMemoryJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

@Suite(.timeLimit(.minutes(1))) struct `An event of the saga` {
    private func wakeUp(for rotation: String) -> Publication {
        Publication(
            exchange: SagaBus.events,
            routingKey: EventType.candidateStaged.routingKey,
            body: [],
            properties: EventProperties(
                messageID: "wake-up",
                type: EventType.candidateStaged.name,
                correlationID: rotation
            )
        )
    }

    @Test func `of a rotation that the journal does not know is parked`() async throws {
        let world = try await World(.replace)
        let parked = SagaBus.parked(SagaBus.queue(of: .step(.apply)))
        let found = try await world.withWorker {
            _ = await world.outsider.publish([wakeUp(for: "somebody-else's")])
            try await eventually("it is parked") { world.outsider.count(in: parked) == 1 }
            return try await world.journal.reader.inbox(limit: 9).count
        }
        #expect(found == 0)
    }

    @Test func `takes no room in the inbox, and an early one does nothing`() async throws {
        let world = try await World(.replace)
        let rotation = try await world.withWorker {
            await world.request()
            let ended = try await world.ended()
            _ = await world.outsider.publish([wakeUp(for: ended.id.text)])
            try await eventually("it is taken") {
                world.outsider.countAll(in: SagaBus.queue(of: .step(.apply))) == 0 && !world.isBusy
            }
            return ended
        }
        let after = try await world.journal.reader.rotation(rotation.id)
        #expect(after == rotation)
        #expect(try await world.journal.reader.counts().waitingInbox == 0)
    }
}

@Suite(.timeLimit(.minutes(1))) struct `An event that the journal cannot keep` {
    // It was put back, and with it all that had come in the same batch, for ever.
    @Test func `is parked, and what came with it is taken`() async throws {
        let world = try await World(.replace)
        var publications: [Publication] = []
        for (id, user) in [("request-1", "crm"), ("request-2", "c\0m"), ("request-3", "crm")] {
            var content = EventContent()
            content.secret = "orders"
            let event = CloudEvent(
                id: EventID(id),
                source: "test",
                type: .rotationRequested,
                time: world.clock.now,
                content: content
            )
            publications.append(
                Publication(
                    exchange: SagaBus.intake,
                    routingKey: event.type.routingKey,
                    body: event.encoded(),
                    properties: EventProperties(
                        messageID: id,
                        type: event.type.name,
                        userID: user
                    )
                )
            )
        }
        let parked = "rekey.parked.\(SagaBus.intake)"
        let reasons = try await world.withWorker { [publications] in
            _ = await world.outsider.publish(publications)
            _ = try await world.ended()
            try await eventually("it is parked") { world.outsider.count(in: parked) == 1 }
            try await eventually("the others are taken") {
                let hasWaiting = try await world.journal.counts().waitingInbox > 0
                return world.outsider.countAll(in: SagaBus.intake) == 0 && !hasWaiting
            }
            return try await world.outsider.list(parked, limit: 9)
                .compactMap { $0.properties.headers["rekey-parked-reason"] }
        }
        #expect(reasons.count == 1)
        #expect(reasons.first?.contains("the user of an event holds a null character") == true)
    }

    @Test func `of the saga, by its correlation id, is parked too`() async throws {
        let world = try await World(.replace)
        let queue = SagaBus.queue(of: .step(.apply))
        let wakeUp = Publication(
            exchange: SagaBus.events,
            routingKey: EventType.candidateStaged.routingKey,
            body: [],
            properties: EventProperties(
                messageID: "wake-up",
                type: EventType.candidateStaged.name,
                correlationID: "r\0"
            )
        )
        try await world.withWorker {
            _ = await world.outsider.publish([wakeUp])
            try await eventually("it is parked") {
                let parked = try await world.outsider.list(SagaBus.parked(queue), limit: 9)
                return parked.contains {
                    $0.properties.headers["rekey-parked-reason"]?.contains("correlation id") == true
                }
            }
        }
    }
}
