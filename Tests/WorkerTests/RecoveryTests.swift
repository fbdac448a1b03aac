import Foundation
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A journal that knows less than the vaults` {
    private static func entry(_ tags: [String: String]) -> VaultEntry {
        VaultEntry(
            value: Secret(copying: "old-value-1".utf8),
            expires: Date() + 90 * 86_400,
            tags: tags
        )
    }

    private func world(tags: [String: String], enabled: Bool = true) async throws -> CommandWorld {
        let world = try await World(
            .addThenRemove,
            expiresIn: 90 * 86_400,
            access: CommandWorld.access,
            isEnabled: enabled
        )
        await world.vault.place(Self.entry(tags), as: World.name)
        return CommandWorld(world)
    }

    private func tags(of it: CommandWorld) async throws -> [String: String]? {
        try await it.world.vault.latest(World.name)?.tags
    }

    @Test func `takes over what another installation owned, and goes on above its sequence`()
        async throws
    {
        let foreign = [RekeyTag.owner: "somebody-else", RekeyTag.sequence: "7", "team": "shop"]
        let it = try await world(tags: foreign)
        try await it.withWorker {
            let declined = try await it.rotate()
            #expect(declined.content.detail == "owned by installation somebody-else")
            let plain = try await it.command("adopt") { $0.secret = "orders" }
            #expect(plain.content.outcome == "refused")
            let taken = try await it.command("adopt") {
                $0.secret = "orders"
                $0.takeOver = true
            }
            #expect(taken.content.outcome == "accepted", "\(taken.content.detail ?? "")")
            let tags = try await self.tags(of: it)
            #expect(tags?[RekeyTag.owner] == World.installation.text)
            #expect(tags?["team"] == "shop")
            #expect(try await it.rotate().type == .rotationAccepted)
            #expect(try await it.world.ended().plan.sequence == 8)
        }
    }

    // A person paused everything after the loss, as is right, and that lifted the guard.
    @Test func `is not taken for a whole one because somebody paused it first`() async throws {
        let ours = [RekeyTag.owner: World.installation.text, RekeyTag.sequence: "7"]
        let it = try await world(tags: ours)
        // The sweeper does not come to it before the command does.
        let away = VaultFault(.before(StepFailure(.transient, "away")), on: .latest)
        await it.world.vault.inject(away)
        try await it.withWorker {
            for command in ["pause", "unpause"] {
                let answer = try await it.command(command) { $0.secret = "orders" }
                #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
            }
            let declined = try await it.rotate()
            #expect(declined.type == .rotationDeclined)
            #expect(declined.content.detail?.contains("rekey recover") == true)
            let taken = try await it.command("recover") { $0.secret = "orders" }
            #expect(taken.content.outcome == "accepted", "\(taken.content.detail ?? "")")
            #expect(try await it.rotate().type == .rotationAccepted)
            #expect(try await it.world.ended().plan.sequence == 8)
        }
    }

    // Whoever may write a carrier's tags could end every worker, and every one that came after it.
    @Test(arguments: ["9223372036854775807", "9007199254740993", "-1", "seven"])
    func `believes no sequence that Rekey cannot have written`(sequence: String) async throws {
        let tags = [
            RekeyTag.owner: World.installation.text, RekeyTag.sequence: sequence,
            RekeyTag.account: "first",
        ]
        let it = try await world(tags: tags)
        let why = "the tag rekey-seq of app/orders-password is no number that Rekey wrote"
        try await it.withWorker {
            var tags = tags
            let declined = try await it.rotate()
            #expect(declined.type == .rotationDeclined)
            #expect(declined.content.detail?.hasPrefix(why) == true)
            for command in ["recover", "adopt", "pause"] {
                let answer = try await it.command(command) { $0.secret = "orders" }
                #expect(answer.content.outcome == "refused")
                #expect(answer.content.detail?.contains(why) == true)
            }
            #expect(try await it.world.journal.credential("orders") == nil)
            tags[RekeyTag.owner] = "somebody-else"
            await it.world.vault.place(Self.entry(tags), as: World.name)
            let taken = try await it.command("adopt") {
                $0.secret = "orders"
                $0.takeOver = true
            }
            #expect(taken.content.detail?.hasPrefix(why) == true)
            tags[RekeyTag.owner] = World.installation.text
            tags[RekeyTag.sequence] = "7"
            await it.world.vault.place(Self.entry(tags), as: World.name)
            let recovered = try await it.command("recover") { $0.secret = "orders" }
            #expect(recovered.content.outcome == "accepted")
            #expect(try await it.rotate().type == .rotationAccepted)
            #expect(try await it.world.ended().plan.sequence == 8)
        }
    }

    @Test func `goes on from the tags where a forged sequence was recorded`() async throws {
        let it = try await world(tags: [
            RekeyTag.owner: World.installation.text, RekeyTag.sequence: "7",
            RekeyTag.account: "first",
        ])
        var record = CredentialRecord(id: "orders", sequence: .max, adoptedAt: Date())
        record.dueAt = Date() + 60 * 86_400
        try await it.world.journal.commit([.credential(record)], under: nil)
        try await it.withWorker {
            let declined = try await it.rotate()
            #expect(declined.content.detail?.contains("run `rekey recover --rebuild`") == true)
            let recovered = try await it.command("recover") { $0.secret = "orders" }
            #expect(recovered.content.outcome == "accepted")
            #expect(try await it.rotate().type == .rotationAccepted)
            #expect(try await it.world.ended().plan.sequence == 8)
        }
    }

    @Test func `writes nothing until it is recovered, and then knows what it owes`() async throws {
        let ours = [
            RekeyTag.owner: World.installation.text, RekeyTag.sequence: "4",
            RekeyTag.account: "first",
        ]
        let it = try await world(tags: ours)
        let forgotten = try await it.world.target?.issue(
            NaturalKey("8e8c8a52-5b9e-5c0a-9b57-2f3f5d1f9c11/apply/issue/1"),
            expires: nil
        )
        try await it.withWorker {
            try await eventually("it is adopted") {
                try await it.world.journal.credential("orders") != nil
            }
            let declined = try await it.rotate()
            #expect(declined.content.detail?.contains("rekey recover") == true)
            let answer = try await it.command("recover") { $0.secret = "orders" }
            #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
            let record = try await it.world.journal.credential("orders")
            #expect(record?.sequence == 4)
            #expect(record?.account == "first")
            let owed = try await it.world.journal.debts(unpaidOnly: true)
            #expect(owed.map(\.account) == [forgotten?.account])
            #expect(try await it.rotate().type == .rotationAccepted)
            #expect(try await it.world.ended().end == .closed)
        }
        #expect(try await it.world.journal.debts(unpaidOnly: true).isEmpty)
        #expect(it.world.target?.accepted.count == 1)
    }
}
