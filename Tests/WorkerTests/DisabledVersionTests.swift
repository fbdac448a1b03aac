import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// A vault gives a disabled version's value to nobody, so nothing can be compared with it.
@Suite(.timeLimit(.minutes(2))) struct `A latest version that a person disabled` {
    private static let old = Secret(copying: "old-value-1".utf8)

    private static func disable(_ world: World) async throws {
        let name = world.definition.carriers[0].reference.name
        let latest = try #require(await world.vault.latest(name))
        await world.vault.setEnabled(false, latest.id, of: name)
    }

    // Which key was in use could not be told, so the first one of the two counted as idle: the one
    // in use was regenerated, and whoever used it was locked out.
    @Test(arguments: Strategy.allCases)
    func `is not rotated by routine, and says why`(strategy: Strategy) async throws {
        let it = CommandWorld(
            try await World(strategy, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
        try await Self.disable(it.world)
        try await it.withWorker {
            let answer = try await Self.ask(it, reason: "routine")
            #expect(answer.type == .rotationDeclined)
            #expect(answer.content.detail?.contains("is disabled") == true)
        }
        #expect(try await it.world.journal.rotations(RotationQuery()).isEmpty)
        let changes = it.world.target?.changes ?? []
        #expect(changes.isEmpty)
    }

    @Test func `costs nobody a key, not even when it is compromised`() async throws {
        let it = CommandWorld(
            try await World(.dualKey, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
        try await Self.disable(it.world)
        try await it.withWorker {
            _ = try await Self.ask(it, reason: "compromise")
            _ = try await it.rotation(until: "it cannot go on") {
                $0.stuckReason != nil || $0.isOver
            }
        }
        let live = it.world.target?.accepted.first { $0.account == "shop_a" }
        #expect(live?.secret == Self.old)
    }

    // It counted as delivered, and the old credential was ended on top.
    @Test func `keeps the old credential alive where Rekey wrote it`() async throws {
        var policy = World.quick
        policy.graceSeconds = 0.7
        let it = CommandWorld(
            try await World(
                .addThenRemove,
                policy: policy,
                expiresIn: 90 * 86_400,
                access: CommandWorld.access
            )
        )
        try await it.withWorker {
            let answer = try await Self.ask(it, reason: "routine")
            #expect(answer.type == .rotationAccepted)
            _ = try await it.rotation(until: "it is complete") { $0.times.completedAt != nil }
            try await Self.disable(it.world)
            let stuck = try await it.rotation(until: "it is stuck") { $0.stuckReason != nil }
            #expect(stuck.stuckReason?.contains("is disabled: enable it") == true)
            #expect(it.world.target?.accepted.contains { $0.account == "first" } == true)

            let name = it.world.definition.carriers[0].reference.name
            let latest = try #require(await it.world.vault.latest(name))
            await it.world.vault.setEnabled(true, latest.id, of: name)
            let resumed = try await it.command("resume", stuck.id)
            #expect(resumed.content.detail == nil, "\(resumed.content.detail ?? "")")
            #expect(try await it.world.ended().end == .closed)
            #expect(it.world.target?.accepted.contains { $0.account == "first" } == false)
        }
    }

    private static func ask(_ it: CommandWorld, reason: String) async throws -> CloudEvent {
        var content = EventContent()
        content.secret = "orders"
        content.reason = reason
        return try await it.ask(
            .rotationRequested,
            content,
            as: "gateway",
            person: reason == "routine" ? "ops@example.test" : "security@example.test",
            id: UUID().uuidString
        )
    }
}
