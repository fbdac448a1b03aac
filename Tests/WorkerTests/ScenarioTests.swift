import Foundation
import InMemoryHook
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import InMemoryWorkload
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// What goes wrong between a promotion and the end of the old credential, and how it ends.
@Suite(.timeLimit(.minutes(1))) struct `A rotation that is disturbed` {
    private static let copy = SecretName("orders-copy")

    private func world(
        _ strategy: RekeyCore.Strategy,
        copies: [SecretReference] = [],
        policy: RotationPolicy = World.quick
    ) async throws -> CommandWorld {
        CommandWorld(
            try await World(
                strategy,
                policy: policy,
                access: CommandWorld.access,
                copies: copies
            )
        )
    }

    private func accepted(_ it: CommandWorld) throws -> Int {
        try #require(it.world.target).accepted.count
    }

    /// A world of two vaults, the second of which cannot be written: the first is promoted.
    private func halfPromoted(
        _ body: @escaping @Sendable (CommandWorld, Rotation) async throws -> Void
    ) async throws {
        let copy = SecretReference(vault: World.staging, name: Self.copy)
        let it = try await world(.addThenRemove, copies: [copy])
        let away = StepFailure(.transient, "vault staging: 503")
        await it.world.stagingVault.inject(
            VaultFault(.before(away), on: .write, of: Self.copy, count: .max)
        )
        try await it.withWorker {
            _ = try await it.rotate()
            let rotation = try await it.rotation(until: "one of two is promoted") {
                $0.step == .promote && $0.carriers[0].pass == 1 && $0.failures > 3
            }
            #expect(rotation.carriers[1].pass == 0 && rotation.stuckReason == nil)
            #expect(try self.accepted(it) == 2, "nothing is revoked")
            try await body(it, rotation)
        }
    }

    @Test func `waits with one of two vaults written, and ends when the other is back`()
        async throws
    {
        try await halfPromoted { it, _ in
            await it.world.stagingVault.clearFaults()
            let end = try await it.world.ended()
            #expect(end.end == .closed)
            #expect(try self.accepted(it) == 1)
            let first = try await it.world.vault.latest(World.name)?.value
            #expect(try await it.world.stagingVault.latest(Self.copy)?.value == first)
        }
    }

    // Each vault names one of both: neither may be revoked, and neither is a debt.
    @Test func `abandoned with one of two vaults written ends neither, and says that they differ`()
        async throws
    {
        try await halfPromoted { it, rotation in
            let abandon = try await it.command("abandon", rotation.id)
            #expect(abandon.content.outcome == "accepted", "\(abandon.content.detail ?? "")")
            #expect(try await it.world.ended().end == .abandoned)
            #expect(try self.accepted(it) == 2)
            #expect(try await it.world.journal.debts(unpaidOnly: true).isEmpty)
            await it.world.stagingVault.clearFaults()
            let next = try await it.rotate()
            #expect(next.type != .rotationAccepted)
            let recover = try await it.command("recover") { $0.secret = "orders" }
            #expect(recover.content.detail?.contains("different credentials") == true)
        }
    }

    @Test func `by an edit of its carrier goes on in the edited document, when told to`()
        async throws
    {
        let it = try await world(.alternate)
        await it.world.stagingVault.inject(VaultFault(.delay(.milliseconds(500)), on: .write))
        let edited = "postgres://shop_a:old-value-1@db.new/orders?sslmode=require"
        try await it.withWorker {
            _ = try await it.rotate()
            let entry = VaultEntry(
                value: Secret(copying: edited.utf8),
                expires: Date() + 7_200,
                tags: ["by": "hand"]
            )
            await it.world.vault.place(entry, as: World.name)
            let rotation = try await it.rotation(until: "drift is seen") {
                $0.stuckReason?.hasPrefix("drift") == true
            }
            #expect(rotation.step == .promote)
            let latest = try await it.world.vault.latest(World.name)
            #expect(latest?.tags["by"] == "hand", "nobody's work is written over")
            let resume = try await it.command("resume", rotation.id) { $0.rebase = true }
            #expect(resume.content.outcome == "accepted", "\(resume.content.detail ?? "")")
            #expect(try await it.world.ended().end == .closed)
        }
        let latest = try #require(try await it.world.vault.latest(World.name))
        let text = try #require(latest.value).text
        #expect(text.hasPrefix("postgres://shop_b:"))
        #expect(text.hasSuffix("@db.new/orders?sslmode=require"))
        #expect(latest.tags["by"] == "hand")
    }

    /// A carrier as a write leaves it that was sent under a claim which has ended since.
    private func late(
        _ it: CommandWorld,
        _ change: (inout [String: String]) -> Void = { _ in }
    ) async throws -> VersionID {
        let latest = try #require(try await it.world.vault.latest(World.name))
        var tags = latest.tags
        change(&tags)
        let entry = VaultEntry(
            value: try #require(latest.value),
            expires: latest.expires,
            tags: tags
        )
        return await it.world.vault.place(entry, as: World.name)
    }

    @Test func `by a late write of its own takes that for its own before it revokes`()
        async throws
    {
        let it = try await world(.addThenRemove)
        try await it.withWorker {
            let rotation = try await it.rotationWithFailedHook()
            it.world.hook.end(with: .succeeded("hosts answered"))
            let written = rotation.carriers[0].latest
            let late = try await self.late(it)
            _ = try await it.command("resume", rotation.id)
            let end = try await it.world.ended()
            #expect(end.end == .closed)
            #expect(late != written && end.carriers[0].latest == late)
            #expect(try self.accepted(it) == 1)
        }
    }

    @Test func `by a late write of an earlier rotation revokes nothing`() async throws {
        let it = try await world(.addThenRemove)
        try await it.withWorker {
            let rotation = try await it.rotationWithFailedHook()
            it.world.hook.end(with: .succeeded("hosts answered"))
            _ = try await self.late(it) { $0[RekeyTag.write] = "an/earlier/one" }
            _ = try await it.command("resume", rotation.id)
            let stuck = try await it.rotation(until: "drift is seen") {
                $0.stuckReason?.hasPrefix("drift") == true
            }
            #expect(stuck.step == .retire)
            #expect(try self.accepted(it) == 2)
        }
    }

    // Going back waited for ever for who showed too little of the old value, too, and told nobody.
    @Test func `by a workload that shows too little ends nothing, and says whose`() async throws {
        var policy = World.quick
        policy.verifyDeadlineSeconds = 0.3
        let it = try await world(.addThenRemove, policy: policy)
        it.world.workload.show(.restarted)
        try await it.withWorker {
            _ = try await it.rotate()
            let stuck = try await it.rotation(until: "a person has to look") {
                $0.stuckReason != nil
            }
            let who = "restore: workload shop showed restarted of healthy"
            #expect(stuck.stuckReason == who)
            it.world.workload.show(.healthy)
            _ = try await it.command("resume", stuck.id)
            let end = try await it.world.ended()
            #expect(end.end == .rolledBack)
        }
        let failed = try #require(it.events(.rotationFailed).first)
        // In refresh or verify; a busy machine may not have asked it by then.
        let why = failed.content.detail ?? ""
        #expect(why.contains(": workload shop showed ") && why.hasSuffix(" of healthy"), "\(why)")
        let old = Secret(copying: "old-value-1".utf8)
        #expect(it.world.target?.accepted.map(\.secret) == [old])
    }
}

extension Secret {
    fileprivate var text: String {
        reveal { span in
            unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }
}
