import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import RekeyWorker

@Suite(.timeLimit(.minutes(1))) struct `A worker tells that an end is near` {
    private let day = 86_400.0

    /// Each look of the sweeper writes down again when the vault says that it ends.
    private func sweeps(_ world: World, _ count: Int) async throws {
        for _ in 0..<count {
            try await eventually("the sweeper has looked") {
                try await world.journal.credential("orders")?.expiresAt != nil
            }
            try await world.journal.change("orders") { $0.expiresAt = nil }
        }
    }

    @Test func `though its rotation is disabled, and once for a version`() async throws {
        let world = try await World(.addThenRemove, expiresIn: 20 * day, isEnabled: false)
        let it = CommandWorld(world)
        try await it.withWorker {
            try await self.sweeps(world, 3)
            try await eventually("it is told") { it.events(.secretExpiring).count == 1 }
        }
        let event = try #require(it.events(.secretExpiring).first)
        #expect(event.content.secret == "orders")
        #expect(event.content.detail == "due")
        #expect(event.content.carriers?.first?.version != nil)
        #expect(it.events(.secretExpiring).count == 1)
        #expect(try await world.journal.rotations(RotationQuery()).isEmpty)
    }

    @Test func `though it is paused, and again at the next threshold`() async throws {
        let world = try await World(.addThenRemove, expiresIn: 2 * day)
        let record = CredentialRecord(
            id: "orders",
            adoptedAt: Date(),
            expiresAt: Date() + 2 * day,
            dueAt: Date() + day,
            isPaused: true,
            noticed: ["v/due"]
        )
        try await world.journal.commit([.credential(record)], under: nil)
        let it = CommandWorld(world)
        try await it.withWorker {
            try await eventually("it is told") { it.events(.secretExpiring).count == 1 }
        }
        #expect(it.events(.secretExpiring).first?.content.detail == "overdue")
        #expect(try await world.journal.rotations(RotationQuery()).isEmpty)
    }

    /// By the record; once the vault can be read again, the same is told no second time.
    @Test func `though somebody made its document unreadable`() async throws {
        let world = try await World(.alternate, expiresIn: 20 * day, isEnabled: false)
        let held = try #require(try await world.vault.latest(World.name))
        let end = try #require(held.expires)
        let broken = VaultEntry(value: Secret(copying: "{".utf8), expires: end)
        await world.vault.place(broken, as: World.name)
        let record = CredentialRecord(
            id: "orders",
            adoptedAt: Date(),
            expiresAt: end,
            dueAt: Date()
        )
        try await world.journal.commit([.credential(record)], under: nil)
        let it = CommandWorld(world)
        try await it.withWorker {
            try await eventually("it is told") { it.events(.secretExpiring).count == 1 }
            let mended = VaultEntry(value: try #require(held.value), expires: end)
            await world.vault.place(mended, as: World.name)
            try await self.sweeps(world, 2)
        }
        #expect(it.events(.secretExpiring).map(\.content.detail) == ["due"])
        #expect(it.events(.secretExpiring).first?.content.carriers?.first?.version == nil)
    }

    /// By the record its end is far, so that the sweeper does not look.
    @Test func `that has passed, though it is rotated before the sweeper looks`() async throws {
        let world = try await World(.addThenRemove, expiresIn: -day)
        let record = CredentialRecord(
            id: "orders",
            adoptedAt: Date(),
            expiresAt: Date() + 80 * day,
            dueAt: Date() + 50 * day
        )
        try await world.journal.commit([.credential(record)], under: nil)
        let it = CommandWorld(world)
        try await it.withWorker {
            _ = try await it.rotate()
            #expect(try await world.ended().end == .closed)
            try await eventually("it is told") { !it.events(.secretExpiring).isEmpty }
        }
        #expect(it.events(.secretExpiring).map(\.content.detail) == ["expired"])
        // Of the version that it has now nothing was told.
        #expect(try await world.journal.credential("orders")?.noticed == nil)
    }

    @Test func `again, once it was far and another version comes near its end`() async throws {
        let world = try await World(.addThenRemove, expiresIn: 80 * day, isEnabled: false)
        let record = CredentialRecord(
            id: "orders",
            adoptedAt: Date(),
            expiresAt: Date() + 20 * day,
            dueAt: Date(),
            noticed: ["renewed by hand since/due"]
        )
        try await world.journal.commit([.credential(record)], under: nil)
        let it = CommandWorld(world)
        try await it.withWorker {
            try await eventually("what was told is forgotten") {
                try await world.journal.credential("orders")?.noticed == nil
            }
        }
        #expect(it.events(.secretExpiring).isEmpty)
    }

    /// The worker is another one: it looks where the policy has it rotate before the record says.
    @Test func `of what was promoted, while that waits for a person`() async throws {
        let world = try await World(
            .addThenRemove,
            policy: CommandWorld.gated,
            expiresIn: 80 * day,
            access: CommandWorld.access
        )
        let it = CommandWorld(world)
        let rotation = try await it.withWorker { try await it.rotationAtGate() }
        try await world.journal.change("orders") {
            $0.expiresAt = Date() + 80 * self.day
            $0.dueAt = Date() + 79 * self.day
        }
        let latest = try #require(try await world.vault.latest(World.name))
        let entry = VaultEntry(value: try #require(latest.value), expires: Date() - 60)
        await world.vault.place(entry, as: World.name)
        let again = CommandWorld(world)
        try await again.withWorker {
            try await eventually("it is told") { !again.events(.secretExpiring).isEmpty }
        }
        #expect(again.events(.secretExpiring).map(\.content.detail) == ["expired"])
        #expect(try await world.journal.rotation(rotation.id)?.isOver == false)
    }

    /// By the record alone: that has the old version's end until the rotation completes.
    @Test func `but not of what was replaced, where the vaults cannot be read`() async throws {
        let world = try await World(
            .addThenRemove,
            policy: CommandWorld.gated,
            expiresIn: 3_600,
            access: CommandWorld.access
        )
        let it = CommandWorld(world)
        let rotation = try await it.withWorker { try await it.rotationAtGate() }
        let clock = VirtualClock(Date())
        let sweeper = Sweeper.alone(over: [world.definition], in: [:], clock)
        let record = CredentialRecord(id: "orders", adoptedAt: Date(), expiresAt: Date() - 60)
        try await sweeper.tellUnread(of: world.definition, record, rotation)
        #expect(try await sweeper.journal.reader.outbox(limit: 1).isEmpty)
        try await sweeper.tellUnread(of: world.definition, record, nil)
        #expect(try await sweeper.journal.reader.outbox(limit: 1).count == 1)
    }

    @Test func `and not where the end is far`() async throws {
        let world = try await World(.addThenRemove, expiresIn: 80 * day)
        let it = CommandWorld(world)
        try await it.withWorker {
            try await eventually("it is adopted") {
                try await world.journal.credential("orders") != nil
            }
            _ = try await it.rotate()
            _ = try await world.ended()
        }
        #expect(it.events(.secretExpiring).isEmpty)
    }
}
