import Foundation
import InMemoryBroker
import InMemoryHook
import InMemoryJournal
import InMemoryTarget
import InMemoryWorkload
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

/// What wakes a lane was acknowledged by a worker that died, or went with its queue.
@Suite(.timeLimit(.minutes(2))) struct `A wake-up that was lost` {
    // Its deadline's timer hid that nobody would wake it: it stood still until the deadline, which
    // then cut everybody off.
    @Test func `does not hold a compromise up until its deadline`() async throws {
        let access = AccessPolicy(
            allowed: [.compromise: [.user("rekey")]],
            gatewayUser: "gateway"
        )
        let world = try await World(
            .alternate,
            expiresIn: 90 * 86_400,
            access: access,
            isHearing: false
        )
        var content = EventContent()
        content.secret = "orders"
        content.reason = "compromise"
        content.revokeBy = Timestamp.text(Date() + 3_600)
        try await receive(.rotationRequested, content, in: world)
        let rotation = try await world.withWorker { try await world.ended() }
        #expect(rotation.end == .closed)
        #expect(rotation.revocation?.dueAt != nil)
        #expect(rotation.revocation?.passedAt == nil)
    }

    // The grace hid that nobody would start the hook, and its end came before it was found.
    @Test func `does not keep a hook that is not required from running`() async throws {
        var policy = World.quick
        policy.graceSeconds = 3_600
        let world = try await World(.alternate, policy: policy)
        var present = world.definition
        present.hooks = [PlannedHook("hosts", kind: "site", isRequired: false)]
        let deaf = world.outsider.peer(
            subscriptions: SagaBus.workerQueues(hookKinds: []),
            ownerQueue: SagaBus.owner
        )
        try await world.withWorker(on: deaf, knowing: present) {
            await world.request()
            try await eventually(within: .seconds(30), "the hook has run") {
                let newest = try await world.journal.rotations(RotationQuery(limit: 1)).first
                return newest?.hooks.allSatisfy(\.hasSucceeded) == true
            }
        }
        let rotation = try #require(
            await world.journal.rotations(RotationQuery(limit: 1)).first
        )
        #expect(rotation.step == .retire)
        #expect(world.hook.orders.count == 1)
    }

    // Nothing but that timer ended the compromised credential.
    @Test func `is made good for a deadline, too`() async throws {
        let it = CommandWorld(
            try await World(.alternate, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
        let world = it.world
        world.workload.show(EvidenceLevel.none)
        let old = Secret(copying: "old-value-1".utf8)
        let rotation = try await it.withWorker {
            var content = EventContent()
            content.secret = "orders"
            content.reason = "compromise"
            content.revokeBy = Timestamp.text(Date() + 3)
            await it.publish(
                .rotationRequested,
                content,
                as: "gateway",
                person: "security@example.test",
                id: "compromise"
            )
            return try await it.rotation(until: "it is promoted") { $0.step == .verify }
        }
        let lane = Lane.revocation.description
        try await world.journal.commit([.disarm(rotation.id, lane: lane)], under: nil)
        let queues = SagaBus.workerQueues(hookKinds: ["site"])
        let next = world.outsider.peer(subscriptions: queues, ownerQueue: SagaBus.owner)
        let ended = try await world.withWorker(on: next) { try await world.ended() }
        #expect(ended.end == .closed)
        #expect(ended.revocation?.passedAt != nil)
        #expect(world.target?.accepted.contains { $0.secret == old } == false)
    }

    // A timer of the gate stayed behind, up to its end, and hid that nobody would go on.
    @Test func `of a step is not hidden by the timer of one that a person ended`() async throws {
        let it = CommandWorld(
            try await World(.alternate, policy: CommandWorld.gated, access: CommandWorld.access)
        )
        try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            try await eventually("its end is awaited") { try await self.lanes(it) == ["verify"] }
            _ = try await it.command("approve", rotation.id) { $0.plan = rotation.planDigest }
            #expect(try await it.world.ended().end == .closed)
            #expect(try await !self.lanes(it).contains("verify"))
        }
    }

    private func lanes(_ it: CommandWorld) async throws -> [String] {
        try await it.world.journal.timers(dueAt: .distantFuture, limit: 9).map(\.lane)
    }

    private func receive(
        _ type: EventType,
        _ content: EventContent,
        in world: World
    ) async throws {
        let event = CloudEvent(
            id: "lost",
            source: "test",
            type: type,
            time: Date(),
            content: content
        )
        let entry = InboxEntry(
            id: .init(lane: "admit", event: event.id),
            type: type,
            rotation: nil,
            body: event.encoded(),
            userID: "rekey",
            isUrgent: true,
            receivedAt: Date()
        )
        #expect(try await world.journal.receive([entry]) == [true])
    }
}
