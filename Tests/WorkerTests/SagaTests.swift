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

@Suite(.timeLimit(.minutes(2))) struct `A worker on a whole estate` {
    @Test(arguments: Strategy.allCases)
    func `rotates from a request to closed`(strategy: Strategy) async throws {
        let world = try await World(strategy)
        let rotation = try await world.withWorker {
            await world.request()
            return try await world.ended()
        }
        #expect(rotation.end == .closed, "\(rotation.gaveUpReason ?? "")")
        let name = rotation.plan.carriers[0].reference.name
        let latest = try #require(await world.vault.latest(name))
        #expect(latest.id == rotation.carriers[0].latest)
        #expect(latest.id != rotation.plan.carriers[0].base)
        #expect(latest.tags["team"] == "shop")
        #expect(latest.tags[RekeyTag.owner] == World.installation.text)
        let value = try #require(latest.value)
        let current = try rotation.plan.carriers[0].format.credential(in: value)
        if let target = world.target {
            let account = current.account ?? rotation.candidate.account
            let holds = target.admits(Credential(account: account, secret: current.secret))
            #expect(holds)
        }
        if strategy != .valueOnly {
            #expect(world.workload.held == world.hook.orders.last?.carriers)
        }
        let handed = try #require(world.hook.orders.last?.value)
        #expect(handed == current.secret)
    }

    @Test(arguments: [Strategy.alternate, .addThenRemove])
    func `revokes the old credential, and owes nothing`(strategy: Strategy) async throws {
        let world = try await World(strategy)
        _ = try await world.withWorker {
            await world.request()
            return try await world.ended()
        }
        let target = try #require(world.target)
        let old = Secret(copying: "old-value-1".utf8)
        #expect(target.accepted.allSatisfy { $0.secret != old })
        #expect(target.accepted.count == 1)
        #expect(try await world.journal.debts(unpaidOnly: true).isEmpty)
    }

    // The version ended a lifetime after its promotion, which a vault that is away puts off.
    @Test func `gives the version an end before that of what the target made`() async throws {
        let world = try await World(.addThenRemove)
        let rotation = try await world.withWorker {
            await world.request()
            return try await world.ended()
        }
        let latest = try await world.vault.latest(rotation.plan.carriers[0].reference.name)
        let named = try #require(latest?.expires)
        let accepted = try await world.target?.inspect(current: nil).accepted ?? []
        let made = accepted.first { $0.account == rotation.candidate.account }
        let real = try #require(made?.expires)
        #expect(named <= real)
        #expect(real - 60 < named)
    }

    @Test func `tells of the completion once, with the new version`() async throws {
        let world = try await World(.addThenRemove)
        let rotation = try await world.withWorker {
            await world.request()
            return try await world.ended()
        }
        let history = try await world.journal.history(of: rotation.id)
        let completed = history.filter {
            if case .finished(.complete, _) = $0.event { true } else { false }
        }
        #expect(completed.count == 1)
        #expect(world.target?.callCount(.issue) == 1)
        #expect(world.hook.orders.count == 1)
    }
}
