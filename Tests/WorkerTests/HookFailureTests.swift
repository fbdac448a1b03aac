import Foundation
import InMemoryHook
import InMemoryJournal
import InMemoryTarget
import RealParts
import RekeyCore
import RekeyPorts
import Testing

@Suite(.timeLimit(.minutes(2))) struct `A hook that cannot be called` {
    private func world(_ policy: RotationPolicy = World.quick) async throws -> CommandWorld {
        CommandWorld(
            try await World(.alternate, policy: policy, access: CommandWorld.access)
        )
    }

    // It counted as failed, and nobody was told.
    @Test func `for want of a right tells so, and runs again when a person says so`() async throws {
        let it = try await world()
        it.world.hook.fail(with: [StepFailure(.permanent, "no right to start it")])
        try await it.withWorker {
            await it.world.request()
            try await eventually("it is told") { !it.events(.hookFailed).isEmpty }
            let told = try #require(it.events(.hookFailed).first)
            #expect(told.content.hook == "hosts")
            #expect(told.content.detail == "no right to start it")
            let rotation = try await it.rotation(until: "it holds") { $0.step == .hook }
            #expect(rotation.hooks.map(\.state) == [.failed("no right to start it")])
            #expect(rotation.heldReason == "hook hosts failed: no right to start it")
            _ = try await it.command("resume", rotation.id)
            let ended = try await it.world.ended()
            #expect(ended.end == .closed && ended.heldReason == nil)
        }
        #expect(it.events(.hookFailed).count == 1)
        #expect(it.events(.hookSucceeded).count == 1)
    }

    // It was called for ever: nobody was told while the old credential went to its own end.
    @Test func `within its time has failed, and tells why`() async throws {
        var policy = World.quick
        policy.hookDeadlineSeconds = 1
        let it = try await world(policy)
        let failure = StepFailure(.transient, "the host does not answer")
        it.world.hook.fail(with: Array(repeating: failure, count: 1_000))
        try await it.withWorker {
            await it.world.request()
            try await eventually(within: .seconds(20), "it is told") {
                !it.events(.hookFailed).isEmpty
            }
            let told = try #require(it.events(.hookFailed).first)
            #expect(told.content.hook == "hosts")
            #expect(told.content.detail?.hasSuffix(failure.reason) == true)
            let rotation = try await it.rotation(until: "it holds") { $0.step == .hook }
            #expect(rotation.hooks.allSatisfy { $0.hasEnded && !$0.hasSucceeded })
        }
        let old = Secret(copying: "old-value-1".utf8)
        #expect(it.world.target?.accepted.contains { $0.secret == old } == true)
    }

    // Nobody woke the close, which waited for as long as the hook might have run.
    @Test func `and is not required keeps the close no longer`() async throws {
        let world = try await World(.alternate)
        var present = world.definition
        present.hooks = [PlannedHook("hosts", kind: "site", isRequired: false)]
        let transient = StepFailure(.transient, "not now")
        let permanent = StepFailure(.permanent, "no right to start it")
        world.hook.fail(with: Array(repeating: transient, count: 12) + [permanent])
        try await world.withWorker(knowing: present) {
            await world.request()
            let rotation = try await world.ended()
            #expect(rotation.end == .closed)
            #expect(rotation.hooks.map(\.state) == [.failed("no right to start it")])
            #expect(rotation.heldReason == nil)
        }
    }
}
