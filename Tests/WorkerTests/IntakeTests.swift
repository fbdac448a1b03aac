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
