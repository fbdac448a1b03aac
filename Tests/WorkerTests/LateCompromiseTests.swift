import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import InMemoryWorkload
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@Suite(.timeLimit(.minutes(2))) struct `A compromise of what a rotation goes back to` {
    // It was coalesced, its deadline passed in silence, and the value lived on for as long as the
    // way back was held up.
    @Test(arguments: [RekeyCore.Strategy.alternate, .dualKey, .addThenRemove])
    func `has its deadline, and is followed by a rotation`(
        strategy: RekeyCore.Strategy
    ) async throws {
        let it = CommandWorld(
            try await World(strategy, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
        let world = it.world
        let old = Secret(copying: "old-value-1".utf8)
        world.workload.fail(with: [StepFailure(.permanent, "no room")])
        world.workload.show(EvidenceLevel.none)
        try await it.withWorker {
            _ = try await it.rotate()
            _ = try await it.rotation(until: "it waits for evidence of the old value") {
                $0.step == .restore && $0.checks.shutAt != nil
            }
            var content = EventContent()
            content.secret = "orders"
            content.reason = "compromise"
            content.revokeBy = Timestamp.text(Date() + 10)
            let answer = try await it.ask(
                .rotationRequested,
                content,
                as: "gateway",
                person: "security@example.test",
                id: "compromise"
            )
            #expect(answer.type == .rotationCoalesced)
            #expect(answer.content.detail?.contains("goes back") == true)
            #expect(it.events(.revokeByPassed).isEmpty)
            try await eventually("another rotation ends") {
                let all = try await world.journal.rotations(RotationQuery())
                return all.count == 2 && all.allSatisfy(\.isOver)
            }
        }
        let told = try #require(it.events(.revokeByPassed).first)
        #expect(told.content.cutOff == ["workload shop", "hook hosts"])
        let all = try await world.journal.rotations(RotationQuery())
        #expect(all.map(\.end) == [.closed, .rolledBack])
        #expect(told.content.rotation == all.last?.id.text)
        #expect(world.target?.accepted.contains { $0.secret == old } == false)
        let value = try #require(await world.vault.latest(World.name)?.value)
        let held = try world.definition.carriers[0].format.credential(in: value)
        #expect(world.target?.accepted.contains { $0.secret == held.secret } == true)
        #expect(try await world.journal.debts(unpaidOnly: true).isEmpty)
    }

    // The target was asked whether it accepts what the rotation goes back to: of what had been
    // revoked at the deadline it said no, which no attempt mends, and nothing followed.
    @Test func `is followed where a vault comes back after the deadline`() async throws {
        let it = CommandWorld(
            try await World(.alternate, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
        let world = it.world
        world.workload.fail(with: [StepFailure(.permanent, "no room")])
        // The candidate is written; what goes back is not.
        let failure = StepFailure(.transient, "no answer")
        await world.vault.inject(
            VaultFault(.before(failure), on: .write, of: World.name, skip: 1, count: .max)
        )
        try await it.withWorker {
            _ = try await it.rotate()
            _ = try await it.rotation(until: "it goes back") { $0.step == .restore }
            var content = EventContent()
            content.secret = "orders"
            content.reason = "compromise"
            content.revokeBy = Timestamp.text(Date() + 2)
            let answer = try await it.ask(
                .rotationRequested,
                content,
                as: "gateway",
                person: "security@example.test",
                id: "compromise"
            )
            #expect(answer.type == .rotationCoalesced)
            try await eventually("the deadline has passed") {
                !it.events(.revokeByPassed).isEmpty
            }
            await world.vault.clearFaults()
            try await eventually("another rotation ends") {
                let all = try await world.journal.rotations(RotationQuery())
                return all.count == 2 && all.allSatisfy(\.isOver)
            }
        }
        let all = try await world.journal.rotations(RotationQuery())
        #expect(all.map(\.end) == [.closed, .rolledBack])
        let value = try #require(try await world.vault.latest(World.name)?.value)
        let held = try world.definition.carriers[0].format.credential(in: value)
        #expect(world.target?.accepted.contains { $0.secret == held.secret } == true)
    }

    // Eight seconds without a vault were the end of it, with a line that nobody saw.
    @Test func `outlives a vault that does not answer`() async throws {
        let it = CommandWorld(
            try await World(.alternate, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
        let attempts = World.quick.callAttempts
        let failure = StepFailure(.transient, "no answer")
        await it.world.vault.inject(
            VaultFault(.before(failure), on: .latest, count: 3 * attempts)
        )
        try await it.withWorker {
            let answer = try await it.rotate(
                reason: "compromise",
                as: "gateway",
                person: "security@example.test"
            )
            #expect(answer.type == .rotationAccepted, "\(answer.content.detail ?? "")")
            #expect(try await it.world.ended().end == .closed)
        }
    }
}
