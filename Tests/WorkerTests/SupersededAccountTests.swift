import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// Of several credentials that a target accepts, the value in the vault says which one is current,
/// whatever was recorded before somebody put it there.
@Suite(.timeLimit(.minutes(2))) struct `A secret that a person added by hand` {
    /// A world with a second credential, whose value is the vault's latest version.
    private func world(
        tagged account: AccountID?,
        in other: World? = nil
    ) async throws -> (CommandWorld, AccountID) {
        let usual = try await World(
            .addThenRemove,
            expiresIn: 90 * 86_400,
            access: CommandWorld.access
        )
        let world = other ?? usual
        let target = try #require(world.target)
        let made = try await target.issue("by-hand", expires: nil)
        let name = world.definition.carriers[0].reference.name
        var tags = try #require(await world.vault.latest(name)).tags
        tags[RekeyTag.account] = account?.text
        let entry = VaultEntry(value: made.secret, expires: Date() + 90 * 86_400, tags: tags)
        await world.vault.place(entry, as: name)
        return (CommandWorld(world), made.account)
    }

    /// Somebody who may asks for a rotation.
    private func ask(_ it: CommandWorld, _ reason: String) async throws -> CloudEvent {
        let person = reason == "routine" ? "ops@example.test" : "security@example.test"
        return try await it.rotate(reason: reason, as: "gateway", person: person)
    }

    // The one that was recorded was ended, and the one that was to be ended stayed for ever.
    @Test(arguments: ["routine", "compromise"])
    func `is ended, and so is the one before it`(reason: String) async throws {
        let (it, made) = try await world(tagged: "first")
        try await it.withWorker {
            let answer = try await ask(it, reason)
            #expect(answer.type == .rotationAccepted, "\(answer.content.detail ?? "")")
            let rotation = try await it.world.ended()
            #expect(rotation.end == .closed, "\(rotation.stuckReason ?? "")")
            #expect(rotation.plan.previousAccount == made)
            #expect(rotation.plan.inheritedDebts == ["first"])
            let accepted = it.world.target?.accepted.compactMap(\.account) ?? []
            #expect(accepted == [try #require(rotation.candidate.account)])
            #expect(try await it.world.journal.debts(unpaidOnly: true).isEmpty)
        }
    }

    // It was owed by the rotation alone, and forgotten with it.
    @Test func `leaves a debt where its rotation is given up`() async throws {
        let world = try await World(
            .addThenRemove,
            policy: CommandWorld.gated,
            expiresIn: 90 * 86_400,
            access: CommandWorld.access
        )
        let (it, made) = try await self.world(tagged: "first", in: world)
        try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            #expect(rotation.plan.previousAccount == made)
            let owed = try await it.world.journal.debts(unpaidOnly: true).map(\.account)
            #expect(owed.contains("first"))
            _ = try await it.command("abandon", rotation.id)
            _ = try await it.world.ended()
            let left = try await it.world.journal.debts(unpaidOnly: true).map(\.account)
            #expect(left.contains("first"))
        }
    }

    // The value in the vault was a slip, so nothing was current, and nothing was ended.
    @Test func `that nothing accepts leads to the end of the one that was recorded`() async throws {
        let world = try await World(
            .addThenRemove,
            expiresIn: 90 * 86_400,
            access: CommandWorld.access
        )
        let name = world.definition.carriers[0].reference.name
        let slip = VaultEntry(
            value: Secret(copying: "a slip of the pen".utf8),
            expires: Date() + 90 * 86_400,
            tags: [RekeyTag.account: "first"]
        )
        await world.vault.place(slip, as: name)
        let it = CommandWorld(world)
        try await it.withWorker {
            #expect(try await it.rotate().type == .rotationAccepted)
            let rotation = try await world.ended()
            #expect(rotation.end == .closed, "\(rotation.stuckReason ?? "")")
            #expect(rotation.plan.previousAccount == nil)
            let accepted = world.target?.accepted.compactMap(\.account) ?? []
            #expect(accepted == [try #require(rotation.candidate.account)])
            #expect(try await world.journal.debts(unpaidOnly: true).isEmpty)
        }
    }

    // Nothing was ended, and `credential.retired` was published all the same.
    @Test(arguments: ["routine", "compromise"])
    func `is not rotated while the target does not tell which one it is`(
        reason: String
    ) async throws {
        let (it, _) = try await world(tagged: nil)
        let target = try #require(it.world.target)
        target.behaviour.tellsNoAccount = true
        try await it.withWorker {
            let answer = try await ask(it, reason)
            #expect(answer.type == .rotationDeclined)
            let why = answer.content.detail ?? ""
            #expect(why.contains("does not tell which of"), "\(why)")
            #expect(why.contains(RekeyTag.account), "\(why)")
            // With the other one gone it can only be this one.
            let fence = Fence(
                installation: World.installation,
                credential: "orders",
                sequence: 1,
                epoch: 1
            )
            try await target.retire("first", fence: fence)
            let again = try await ask(it, reason)
            #expect(again.type == .rotationAccepted, "\(again.content.detail ?? "")")
            let rotation = try await it.world.ended()
            #expect(rotation.end == .closed, "\(rotation.stuckReason ?? "")")
            let accepted = target.accepted.compactMap(\.account)
            #expect(accepted == [try #require(rotation.candidate.account)])
        }
    }
}
