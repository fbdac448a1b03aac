import Foundation
import InMemoryBroker
import InMemoryHook
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Commands about a rotation` {
    private func world(
        _ strategy: RekeyCore.Strategy = .addThenRemove,
        _ policy: RotationPolicy = CommandWorld.gated,
        expiresIn seconds: Double = 3_600
    ) async throws -> CommandWorld {
        let world = try await World(
            strategy,
            policy: policy,
            expiresIn: seconds,
            access: CommandWorld.access
        )
        return CommandWorld(world)
    }

    @Test func `an approval of the plan that was shown lets the rotation complete`() async throws {
        let it = try await world()
        let (answer, end) = try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            try await eventually("the event that asks") {
                !it.events(.rotationAwaitingApproval).isEmpty
            }
            let shown = it.events(.rotationAwaitingApproval).first?.content.plan
            let answer = try await it.command("approve", rotation.id) { $0.plan = shown }
            return (answer, try await it.world.ended())
        }
        #expect(answer.type == .commandAnswered)
        #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
        #expect(end.end == .closed)
        #expect(end.approval == .approved(by: "user:rekey"))
    }

    // The next date was counted from the completion: what a person approved days after the value
    // was written was due so many days too late, and could end before.
    @Test func `an approval that takes its time delays no later rotation`() async throws {
        let it = try await world(.alternate)
        try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            let pause = Date() + 1.5
            try await eventually("it is late") { Date() > pause }
            let digest = rotation.planDigest
            _ = try await it.command("approve", rotation.id) { $0.plan = digest }
            _ = try await it.world.ended()
        }
        let record = try #require(try await it.world.journal.credential("orders"))
        let end = try #require(await it.world.vault.latest(World.name)?.expires)
        #expect(try #require(record.expiresAt) <= end)
        let due = end - CommandWorld.gated.thresholdSeconds
        #expect(try #require(record.dueAt) <= due)
    }

    @Test func `an approval of another plan, or of none, is refused`() async throws {
        let it = try await world()
        try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            let stale = try await it.command("approve", rotation.id) { $0.plan = "another" }
            let bare = try await it.command("approve", rotation.id)
            #expect(stale.content.outcome == "refused")
            #expect(stale.content.detail?.contains("another by now") == true)
            #expect(bare.content.outcome == "refused")
            let now = try #require(try await it.newest())
            #expect(now.awaitsApproval)
        }
    }

    @Test func `nobody approves under another's name`() async throws {
        let it = try await world()
        try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            let digest = rotation.planDigest
            let ops = "ops@example.test"
            for (user, person) in [(nil, nil), (nil, ops), ("mallory", ops), ("mallory", nil)]
                as [(String?, String?)]
            {
                let answer = try await it.command(
                    "approve",
                    rotation.id,
                    as: user,
                    person: person
                ) { $0.plan = digest }
                #expect(answer.content.outcome == "refused", "\(user ?? "-") \(person ?? "-")")
            }
            #expect(try await it.newest()?.number == rotation.number)
            let trusted = try await it.command(
                "approve",
                rotation.id,
                as: "gateway",
                person: ops
            ) { $0.plan = digest }
            #expect(trusted.content.outcome == "accepted")
            #expect(trusted.content.requestedBy == "person:ops@example.test")
        }
    }

    @Test func `a command that comes twice counts once`() async throws {
        let it = try await world()
        try await it.withWorker {
            it.world.outsider.duplicate(copies: 3)
            let rotation = try await it.rotationAtGate()
            let digest = rotation.planDigest
            let first = try await it.command("approve", rotation.id, id: "once") {
                $0.plan = digest
            }
            let again = try await it.command("approve", rotation.id, id: "once") {
                $0.plan = digest
            }
            #expect(first.content == again.content)
            let end = try await it.world.ended()
            let approvals = try await it.world.journal.history(of: end.id).filter {
                if case .approved = $0.event { true } else { false }
            }
            #expect(approvals.count == 1)
            #expect(
                Set(it.answers(to: "once").filter { $0.type == .commandAnswered }.map(\.id))
                    .count == 1
            )
        }
    }

    @Test(arguments: [Strategy.replace, .alternate, .addThenRemove])
    func `a rejection restores the previous value as a new version`(
        strategy: RekeyCore.Strategy
    ) async throws {
        let it = try await world(strategy)
        let end = try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            let answer = try await it.command("reject", rotation.id)
            #expect(answer.content.outcome == "accepted")
            return try await it.world.ended()
        }
        #expect(end.end == .rolledBack)
        let latest = try #require(await it.world.vault.latest(World.name))
        #expect(latest.id != end.plan.carriers[0].base)
        let value = try #require(latest.value)
        let held = try end.plan.carriers[0].format.credential(in: value)
        #expect(held.secret == Secret(copying: "old-value-1".utf8))
        let target = try #require(it.world.target)
        #expect(target.accepted.map(\.secret) == [held.secret])
        #expect(try await it.world.journal.debts(unpaidOnly: true).isEmpty)
    }

    @Test func `nobody's approval is waited for beyond the old credential's end`() async throws {
        let it = try await world(expiresIn: 15)
        let rotation = try await it.withWorker {
            _ = try await it.rotate()
            return try await it.world.ended(within: .seconds(40))
        }
        let history = try await it.world.journal.history(of: rotation.id)
        let isAsked = history.contains {
            if case .askedForApproval = $0.event { true } else { false }
        }
        #expect(isAsked)
        #expect(rotation.end == .rolledBack)
        #expect(rotation.gaveUpReason == "nobody approved in time")
        let ended = try #require(rotation.times.endedAt)
        let end = try #require(rotation.plan.previousEnd)
        #expect(ended < end)
    }

    @Test func `an unknown rotation, an unknown command and an ended rotation are refused`()
        async throws
    {
        let it = try await world(.addThenRemove, World.quick)
        try await it.withWorker {
            let stranger = try await it.command("abandon", "no-such-rotation")
            #expect(stranger.content.outcome == "refused")
            let unknown = try await it.command("explode", "no-such-rotation")
            #expect(unknown.content.outcome == "refused")
            let nameless = try await it.command("abandon")
            #expect(nameless.content.outcome == "refused")
            _ = try await it.rotate()
            let end = try await it.world.ended()
            for name in ["approve", "reject", "resume", "rollback", "abandon"] {
                let late = try await it.command(name, end.id)
                #expect(late.content.outcome == "refused", "\(name)")
            }
            #expect(try await it.newest()?.number == end.number)
        }
    }

    @Test func `resume runs a failed hook again`() async throws {
        let it = try await world(.addThenRemove, World.quick)
        let end = try await it.withWorker {
            let rotation = try await it.rotationWithFailedHook()
            it.world.hook.end(with: .succeeded("hosts answered"))
            let answer = try await it.command("resume", rotation.id)
            #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
            return try await it.world.ended()
        }
        #expect(end.end == .closed)
        #expect(try await it.world.journal.debts(unpaidOnly: true).isEmpty)
    }

    @Test func `rollback after the completion restores, as long as nothing was revoked`()
        async throws
    {
        let it = try await world(.addThenRemove, World.quick)
        let end = try await it.withWorker {
            let rotation = try await it.rotationWithFailedHook()
            it.world.hook.end(with: .succeeded("hosts answered"))
            let answer = try await it.command("rollback", rotation.id)
            #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
            return try await it.world.ended()
        }
        #expect(end.end == .rolledBack)
        let old = Secret(copying: "old-value-1".utf8)
        #expect(it.world.target?.accepted.map(\.secret) == [old])
        #expect(try await it.world.journal.debts(unpaidOnly: true).isEmpty)
        let record = try #require(try await it.world.journal.credential("orders"))
        #expect(record.account == end.plan.previousAccount)
        // What has no end in its vault was due a lifetime after this.
        #expect(record.lastRotatedAt == nil)
        let restored = try #require(record.expiresAt)
        let previous = try #require(end.plan.previousEnd)
        #expect(abs(restored.timeIntervalSince(previous)) < 0.01)
    }

    // The hook was told of the candidate's version again, and its success let that be revoked.
    @Test func `rollback hands the previous value on, also where a vault fails at first`()
        async throws
    {
        let it = try await world(.addThenRemove, World.quick)
        let end = try await it.withWorker {
            let rotation = try await it.rotationWithFailedHook()
            it.world.hook.end(with: .succeeded("hosts answered"))
            let failure = StepFailure(.transient, "no answer")
            await it.world.vault.inject(VaultFault(.before(failure), on: .write))
            let answer = try await it.command("rollback", rotation.id)
            #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
            return try await it.world.ended()
        }
        #expect(end.end == .rolledBack)
        let latest = try #require(await it.world.vault.latest(World.name))
        #expect(it.world.hook.orders.last?.carriers.map(\.version) == [latest.id])
    }

    @Test func `after drift, resume with rebase restores into the newer document`() async throws {
        let it = try await world()
        let end = try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            try await it.drift()
            _ = try await it.command("reject", rotation.id)
            _ = try await it.rotation(until: "drift is seen") {
                $0.stuckReason?.hasPrefix("drift") == true
            }
            let answer = try await it.command("resume", rotation.id) { $0.rebase = true }
            #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
            return try await it.world.ended()
        }
        #expect(end.end == .rolledBack)
        let latest = try #require(await it.world.vault.latest(World.name))
        #expect(latest.value == Secret(copying: "old-value-1".utf8))
        #expect(latest.tags["by"] == "hand", "the newer document is the base")
    }

    @Test func `drift before the revocation cannot be rebased, and abandon leaves the debt`()
        async throws
    {
        let it = try await world(.addThenRemove, World.quick)
        let end = try await it.withWorker {
            let rotation = try await it.rotationWithFailedHook()
            it.world.hook.end(with: .succeeded("hosts answered"))
            try await it.drift()
            _ = try await it.command("resume", rotation.id)
            _ = try await it.rotation(until: "drift is seen") {
                $0.stuckReason?.hasPrefix("drift") == true
            }
            let rebase = try await it.command("resume", rotation.id) { $0.rebase = true }
            #expect(rebase.content.outcome == "refused")
            let abandon = try await it.command("abandon", rotation.id)
            #expect(abandon.content.outcome == "accepted")
            return try await it.world.ended()
        }
        #expect(end.end == .abandoned)
        let debts = try await it.world.journal.debts(unpaidOnly: true)
        #expect(debts.map(\.account) == [try #require(end.plan.previousAccount)])
        let old = Secret(copying: "old-value-1".utf8)
        #expect(it.world.target?.accepted.contains { $0.secret == old } == true)
        let record = try #require(try await it.world.journal.credential("orders"))
        #expect(record.failedRotations == 1, "the next attempt is another rotation")
    }
}
