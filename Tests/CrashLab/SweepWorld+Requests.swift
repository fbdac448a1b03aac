import Foundation
import InMemoryBroker
import InMemoryVault
import RekeyCore
import RekeyPorts
import RekeyWorker

// What others say to the worker.
extension SweepWorld {
    /// Asks for a rotation, or says that the end is near, for the `number`th time.
    func request(_ number: Int) async {
        var content = EventContent()
        var type = EventType.rotationRequested
        if scenario == .nearExpiry {
            type = .secretNearExpiry
            content.vault = Self.vaultHost
            content.name = definition.carriers[0].reference.name.text
            content.version =
                vault.listing.first {
                    $0.name == definition.carriers[0].reference.name
                }?.version.text
        } else {
            content.secret = definition.id.text
            content.reason = scenario.isCompromise ? "compromise" : "routine"
            content.revokeBy =
                scenario.isCompromise
                ? Timestamp.text(WorldClock.start + SweepDefinition.revokeBySeconds) : nil
        }
        await publish(type, Self.requestID(number), content)
    }

    static func requestID(_ number: Int) -> String { "request-\(number)" }

    /// A person lets a rotation go on that waits for one.
    func resume(_ rotation: RotationID, number: Int) async {
        var content = EventContent()
        content.command = "resume"
        content.rotation = rotation.text
        await publish(.commandIssued, "resume-\(number)", content)
    }

    /// Whether somebody was told that this request begins no rotation.
    func isDeclined(_ number: Int) async -> Bool {
        let types: [EventType] = [.rotationDeclined, .rotationDeferred]
        return await heard().contains { event in
            types.contains(event.type) && event.causationID == Self.requestID(number)
        }
    }

    /// Every event that was published so far, with repetitions.
    func heard() async -> [CloudEvent] {
        let bodies = (try? await outsider.list(Self.witness, limit: 10_000).map(\.body)) ?? []
        return bodies.compactMap { try? CloudEvent(decoding: $0) }
    }

    private func publish(_ type: EventType, _ id: String, _ content: EventContent) async {
        let event = CloudEvent(
            id: EventID(id),
            source: "test",
            type: type,
            time: clock.now,
            content: content
        )
        _ = await outsider.publish([
            Publication(
                exchange: SagaBus.intake,
                routingKey: type.routingKey,
                body: event.encoded(),
                properties: EventProperties(
                    messageID: id,
                    type: type.name,
                    userID: Self.operatorUser
                )
            )
        ])
    }
}
