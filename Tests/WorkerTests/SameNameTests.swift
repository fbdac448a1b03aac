import Foundation
import InMemoryBroker
import InMemoryJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Two events that their publishers call the same` {
    private struct Asker: Sendable {
        var source = "one"
        var user: String? = "rekey"
        var person: String?
    }

    private func publish(
        _ id: String,
        by asker: Asker,
        _ type: EventType,
        in it: CommandWorld
    ) async {
        var content = EventContent()
        content.secret = "orders"
        if type == .commandIssued { content.command = "pause" } else { content.reason = "routine" }
        let event = CloudEvent(
            id: EventID(id),
            source: asker.source,
            type: type,
            time: Date(),
            authID: asker.person,
            content: content
        )
        _ = await it.world.outsider.publish([
            Publication(
                exchange: SagaBus.intake,
                routingKey: type.routingKey,
                body: event.encoded(),
                properties: EventProperties(messageID: id, type: type.name, userID: asker.user)
            )
        ])
    }

    private func world() async throws -> CommandWorld {
        var policy = World.quick
        policy.lifetimeSeconds = 3_650 * 86_400
        return CommandWorld(
            try await World(
                .alternate,
                policy: policy,
                expiresIn: 3_650 * 86_400,
                access: CommandWorld.access
            )
        )
    }

    // One that came first, from anybody who guessed an id, had the other taken for a duplicate.
    @Test(arguments: [EventType.rotationRequested, .commandIssued])
    func `are both taken, and each once`(_ type: EventType) async throws {
        let askers = [
            Asker(), Asker(source: "two"), Asker(user: "stranger"), Asker(user: nil),
            Asker(user: "gateway", person: "ops@example.test"),
            Asker(user: "gateway", person: "security@example.test"),
        ]
        let it = try await world()
        try await it.withWorker {
            for asker in askers + askers { await publish("1", by: asker, type, in: it) }
            try await eventually("each is answered") { it.answers(to: "1").count >= askers.count }
            try await eventually("nothing waits") {
                let counts = try await it.world.journal.counts()
                return counts.waitingInbox == 0 && counts.unsentOutbox == 0
                    && it.world.outsider.countAll(in: SagaBus.intake) == 0
            }
        }
        let answers = it.answers(to: "1")
        #expect(answers.count == askers.count)
        #expect(Set(answers.map(\.id)).count == askers.count)
    }
}
