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

@Suite(.timeLimit(.minutes(2))) struct `A compromise on a whole estate` {
    private func world(_ strategy: Strategy) async throws -> CommandWorld {
        CommandWorld(
            try await World(strategy, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
    }

    private func declare(
        _ it: CommandWorld,
        revokeBy: Date? = nil,
        versions: [VersionID]? = nil
    ) async throws -> CloudEvent {
        var content = EventContent()
        content.versions = versions?.map(\.text)
        content.secret = "orders"
        content.reason = "compromise"
        content.revokeBy = revokeBy.map(Timestamp.text)
        return try await it.ask(
            .rotationRequested,
            content,
            as: "gateway",
            person: "security@example.test",
            id: UUID().uuidString
        )
    }

    // The deadline was recorded, and nothing came of it.
    @Test(arguments: [Strategy.alternate, .addThenRemove])
    func `ends the old credential by its deadline though nobody confirms`(
        strategy: Strategy
    ) async throws {
        let it = try await world(strategy)
        let old = Secret(copying: "old-value-1".utf8)
        it.world.workload.show(EvidenceLevel.none)
        let deadline = Date() + 10
        try await it.withWorker {
            #expect(try await self.declare(it, revokeBy: deadline).type == .rotationAccepted)
            _ = try await it.rotation(until: "it is promoted") { $0.step == .verify }
            let isAccepted = it.world.target?.accepted.contains { $0.secret == old }
            #expect(isAccepted == true)
            let rotation = try await it.world.ended()
            #expect(rotation.end == .closed)
            #expect(rotation.revocation?.cutOff == ["workload shop", "hook hosts"])
        }
        #expect(Date() >= deadline)
        let isAccepted = it.world.target?.accepted.contains { $0.secret == old }
        #expect(isAccepted == false)
        let told = try #require(it.events(.revokeByPassed).first)
        #expect(told.content.cutOff == ["workload shop", "hook hosts"])
        #expect(told.content.revokeBy == Timestamp.text(deadline))
        #expect(it.events(.rotationCompleted).first?.content.cutOff != nil)
        #expect(try await it.world.journal.debts(unpaidOnly: true).isEmpty)
    }

    // The target refused more often than a call may fail, a person was asked, and meanwhile the
    // deadline passed with the old value as good as ever.
    @Test func `replaces the only credential after its deadline, as soon as that is possible`()
        async throws
    {
        let it = try await world(.replace)
        let old = Secret(copying: "old-value-1".utf8)
        let failure = StepFailure(.transient, "not now")
        it.world.target?.inject(.before(failure), on: .install, times: 12)
        it.world.workload.show(EvidenceLevel.none)
        try await it.withWorker {
            _ = try await self.declare(it, revokeBy: Date() + 10)
            _ = try await it.rotation(until: "a person has to decide") { $0.stuckReason != nil }
            let isAccepted = it.world.target?.accepted.contains { $0.secret == old }
            #expect(isAccepted == true)
            let rotation = try await it.world.ended()
            #expect(it.events(.revokeByPassed).count == 1)
            #expect(rotation.end == .closed)
            #expect(rotation.revocation?.cutOff == ["workload shop", "hook hosts"])
        }
        let accepted = it.world.target?.accepted.map { $0.secret == old }
        #expect(accepted == [false])
    }

    // Somebody found last year's password in a file, and this year's was replaced for it.
    @Test(arguments: [Strategy.replace, .alternate, .addThenRemove])
    func `of a version that was revoked already begins no rotation`(
        strategy: Strategy
    ) async throws {
        let it = try await world(strategy)
        try await it.withWorker {
            #expect(try await it.rotate().type == .rotationAccepted)
            let first = try await it.world.ended()
            let old = try #require(first.plan.carriers.first?.base)
            let answer = try await self.declare(it, versions: [old])
            #expect(answer.type == .rotationDeclined)
            #expect(answer.content.detail?.contains("revoked already") == true)
            #expect(answer.content.rotation == first.id.text)
            #expect(try await it.world.journal.rotations(RotationQuery()).count == 1)
            // Beside one that is in use it counts as before.
            let current = try #require(first.carriers.first?.latest)
            #expect(try await self.declare(it, versions: [old, current]).type == .rotationAccepted)
        }
    }

    // Somebody put the old value back by hand.
    @Test func `of an old version whose value is current again begins a rotation`() async throws {
        let it = try await world(.replace)
        try await it.withWorker {
            _ = try await it.rotate()
            let first = try await it.world.ended()
            let old = try #require(first.plan.carriers.first?.base)
            let entry = VaultEntry(value: Secret(copying: "old-value-1".utf8))
            await it.world.vault.place(entry, as: World.name)
            #expect(try await self.declare(it, versions: [old]).type == .rotationAccepted)
        }
    }

    @Test func `declared in mid-rotation leaves open hooks to a second rotation`() async throws {
        let it = try await world(.addThenRemove)
        it.world.hook.end(with: .failed("no host answered"))
        let old = Secret(copying: "old-value-1".utf8)
        try await it.withWorker {
            let first = try await it.rotationWithFailedHook()
            it.world.hook.end(with: .succeeded("done"))
            let answer = try await self.declare(it)
            #expect(answer.type == .rotationCoalesced)
            try await eventually("a second rotation ends") {
                let all = try await it.world.journal.rotations(RotationQuery())
                return all.count == 2 && all.allSatisfy(\.isOver)
            }
            let all = try await it.world.journal.rotations(RotationQuery())
            #expect(all.map(\.end) == [.closed, .closed])
            #expect(all[1].id == first.id)
            #expect(all[1].hooks.map(\.state) == [.superseded])
            #expect(all[0].reason.isCompromise)
        }
        #expect(it.world.target?.accepted.count == 1)
        let isAccepted = it.world.target?.accepted.contains { $0.secret == old }
        #expect(isAccepted == false)
        #expect(try await it.world.journal.debts(unpaidOnly: true).isEmpty)
        #expect(try await it.world.journal.counts().waitingInbox == 0)
        #expect(it.events(.hooksSuperseded).count == 1)
    }

    @Test func `declared before a value is made needs no second rotation`() async throws {
        var policy = World.quick
        policy.callAttempts = 100
        let world = try await World(
            .addThenRemove,
            policy: policy,
            expiresIn: 90 * 86_400,
            access: CommandWorld.access
        )
        let it = CommandWorld(world)
        world.target?.inject(
            .before(StepFailure(.transient, "not now")),
            on: .issue,
            times: 20
        )
        try await it.withWorker {
            _ = try await it.rotate()
            _ = try await it.rotation(until: "the target refuses") { $0.failures > 0 }
            #expect(try await self.declare(it).type == .rotationCoalesced)
            let rotation = try await it.world.ended()
            #expect(rotation.end == .closed)
            #expect(rotation.servedRequests?.count == 1)
            try await eventually("the request is answered for") {
                try await it.world.journal.counts().waitingInbox == 0
            }
        }
        #expect(try await world.journal.rotations(RotationQuery()).count == 1)
        #expect(world.target?.accepted.count == 1)
    }

    @Test func `names versions that the credential has, or is declined`() async throws {
        let it = try await world(.alternate)
        let place = World.name
        let other = VaultEntry(value: Secret(copying: "another".utf8))
        await it.world.vault.place(other, as: "another")
        let foreign = try #require(try await it.world.vault.latest("another")?.id.text)
        let own = try #require(try await it.world.vault.latest(place)?.id.text)
        try await it.withWorker {
            let cases: [(versions: [String]?, revokeBy: String?, reason: String?, why: String)] = [
                ([own, foreign], nil, "compromise", "no version \(foreign) of app/\(place)"),
                (["made-up"], nil, "compromise", "no version made-up of app/\(place)"),
                (Array(repeating: own, count: 101), nil, "compromise", "100 versions at most"),
                (nil, "tomorrow", "compromise", "revokeBy is no time"),
                (nil, nil, "compromised", "neither routine nor compromise"),
                ([own], nil, "routine", "go with the reason compromise"),
                (nil, Timestamp.text(Date()), nil, "go with the reason compromise"),
            ]
            for one in cases {
                let answer = try await self.ask(it, one.versions, one.revokeBy, one.reason)
                #expect(answer.type == .rotationDeclined)
                #expect(answer.content.detail?.contains(one.why) == true, "\(one.why)")
            }
            #expect(try await it.world.journal.rotations(RotationQuery()).isEmpty)
            let answer = try await self.ask(it, [own], nil, "compromise")
            #expect(answer.type == .rotationAccepted)
            #expect(try await it.world.ended().end == .closed)
            // Its own older version is the credential's, too, and dead by now.
            let older = try await self.ask(it, [own], nil, "compromise")
            #expect(older.content.detail?.contains("revoked already") == true)
        }
    }

    @Test func `that a command declares names the rotation's own versions`() async throws {
        let it = CommandWorld(
            try await World(.alternate, policy: CommandWorld.gated, access: CommandWorld.access)
        )
        let own = try #require(try await it.world.vault.latest(World.name)?.id.text)
        try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            let person = "security@example.test"
            let wrong = try await it.command(
                "compromise",
                rotation.id,
                as: "gateway",
                person: person
            ) { $0.versions = ["made-up"] }
            #expect(wrong.content.outcome == "refused")
            #expect(wrong.content.detail?.contains("no version made-up") == true)
            #expect(try await it.newest()?.reason == .routine)
            let right = try await it.command(
                "compromise",
                rotation.id,
                as: "gateway",
                person: person
            ) { $0.versions = [own] }
            #expect(right.content.outcome == "accepted")
            let reason = try await it.newest()?.reason
            #expect(reason == .compromise(versions: [VersionID(own)], revokeBy: nil))
        }
    }

    private func ask(
        _ it: CommandWorld,
        _ versions: [String]?,
        _ revokeBy: String?,
        _ reason: String?
    ) async throws -> CloudEvent {
        var content = EventContent()
        content.secret = "orders"
        content.reason = reason
        content.versions = versions
        content.revokeBy = revokeBy
        return try await it.ask(
            .rotationRequested,
            content,
            as: "gateway",
            person: reason == "compromise" ? "security@example.test" : "ops@example.test",
            id: UUID().uuidString
        )
    }
}
