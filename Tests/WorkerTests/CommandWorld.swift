import Foundation
import InMemoryBroker
import InMemoryHook
import InMemoryJournal
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization

/// A world with a worker, and somebody who asks it things and hears its answers.
final class CommandWorld: Sendable {
    static let access = AccessPolicy(
        allowed: [
            .request: [.user("rekey"), .person("ops@example.test")],
            .approve: [.user("rekey"), .person("ops@example.test")],
            .compromise: [.person("security@example.test")],
        ],
        gatewayUser: "gateway"
    )

    /// A rotation that stops for an approval.
    static let gated: RotationPolicy = {
        var policy = World.quick
        policy.needsApproval = true
        policy.approvalDeadlineSeconds = 60
        policy.hookDeadlineSeconds = 1
        return policy
    }()

    let world: World
    private let ear: InMemoryBroker
    private let heard = Mutex<[CloudEvent]>([])
    private let bodies = Mutex<[[UInt8]]>([])

    init(_ world: World) {
        self.world = world
        ear = world.outsider.peer(subscriptions: [World.witness])
    }

    /// Runs a worker and hears every event for as long as `body` lasts.
    func withWorker<Result: Sendable>(
        journal: (any Journal)? = nil,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await world.withWorker(journal: journal) {
            try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask {
                    try await self.ear.run()
                    return nil
                }
                group.addTask {
                    for await delivery in self.ear.deliveries {
                        await self.ear.acknowledge([delivery.tag])
                        self.bodies.withLock { $0.append(delivery.body) }
                        let event = try CloudEvent(decoding: delivery.body)
                        self.heard.withLock { $0.append(event) }
                    }
                    return nil
                }
                group.addTask { try await body() }
                defer { group.cancelAll() }
                for try await result in group {
                    if let result { return result }
                }
                throw PartFailure("nobody hears the worker any more")
            }
        }
    }

    /// Publishes a command and waits for its answer.
    func command(
        _ name: String,
        _ rotation: RotationID? = nil,
        as user: String? = "rekey",
        person: String? = nil,
        id: String = UUID().uuidString,
        _ change: (inout EventContent) -> Void = { _ in }
    ) async throws -> CloudEvent {
        var content = EventContent()
        content.command = name
        content.rotation = rotation?.text
        change(&content)
        return try await ask(.commandIssued, content, as: user, person: person, id: id)
    }

    /// Asks for a rotation, and waits for the answer.
    func rotate(
        reason: String = "routine",
        as user: String? = "rekey",
        person: String? = nil
    ) async throws -> CloudEvent {
        var content = EventContent()
        content.secret = "orders"
        content.reason = reason
        let id = UUID().uuidString
        return try await ask(.rotationRequested, content, as: user, person: person, id: id)
    }

    func ask(
        _ type: EventType,
        _ content: EventContent,
        as user: String?,
        person: String?,
        id: String
    ) async throws -> CloudEvent {
        await publish(type, content, as: user, person: person, id: id)
        return try await answer(to: id)
    }

    func publish(
        _ type: EventType,
        _ content: EventContent,
        as user: String?,
        person: String?,
        id: String
    ) async {
        let event = CloudEvent(
            id: EventID(id),
            source: "test",
            type: type,
            time: Date(),
            authID: person,
            content: content
        )
        _ = await world.outsider.publish([
            Publication(
                exchange: SagaBus.intake,
                routingKey: type.routingKey,
                body: event.encoded(),
                properties: EventProperties(messageID: id, type: type.name, userID: user)
            )
        ])
    }

    func answer(to id: String) async throws -> CloudEvent {
        try await eventually("an answer to \(id)") { !self.answers(to: id).isEmpty }
        guard let answer = answers(to: id).first else { throw PartFailure("no answer") }
        return answer
    }

    func answers(to id: String) -> [CloudEvent] {
        let types: [EventType] = [
            .commandAnswered, .rotationAccepted, .rotationDeclined, .rotationDeferred,
            .rotationCoalesced,
        ]
        return heard.withLock { $0.filter { $0.causationID == id && types.contains($0.type) } }
    }

    /// Every event so far, byte for byte as it was published.
    var published: [[UInt8]] { bodies.withLock { $0 } }

    func events(_ type: EventType) -> [CloudEvent] {
        heard.withLock { $0.filter { $0.type == type } }
    }

    /// Begins a rotation and waits until `condition` holds for it.
    func rotation(
        until what: String,
        _ condition: @escaping @Sendable (Rotation) -> Bool
    ) async throws -> Rotation {
        try await eventually(what) {
            try await self.newest().map(condition) ?? false
        }
        guard let rotation = try await newest() else { throw PartFailure("no rotation") }
        return rotation
    }

    /// Rotates up to the gate.
    func rotationAtGate() async throws -> Rotation {
        _ = try await rotate()
        return try await rotation(until: "a person is asked") { $0.awaitsApproval }
    }

    /// Rotates up to a required hook that failed.
    func rotationWithFailedHook() async throws -> Rotation {
        world.hook.end(with: .failed("no host answered"))
        _ = try await rotate()
        return try await rotation(until: "the hook has failed") {
            $0.step == .hook && $0.hooks.allSatisfy(\.hasEnded)
        }
    }

    func newest() async throws -> Rotation? {
        try await world.journal.rotations(RotationQuery(limit: 1)).first
    }

    /// Somebody else writes the carrier.
    func drift() async throws {
        let value = Secret(copying: "somebody-elses".utf8)
        let entry = VaultEntry(value: value, expires: Date() + 7_200, tags: ["by": "hand"])
        await world.vault.place(entry, as: World.name)
    }
}

extension World {
    /// An earlier rotation left the second account accepted, and somebody may hold its value.
    func oweAnAccount() async throws {
        let debt = Debt(
            credential: "orders",
            target: "target",
            account: "shop_b",
            rotation: "earlier",
            since: Date()
        )
        try await journal.commit([.debt(debt)], under: nil)
    }
}
