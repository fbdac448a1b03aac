import CrashSupport
import Foundation
import InMemoryJournal
import RealParts
import RekeyCore
import RekeyPorts
import Testing

/// After a rotation that was given up, somebody may still hold what it left accepted.
@Suite(.timeLimit(.minutes(1))) struct `An account that is owed` {
    private func world(_ strategy: Strategy) async throws -> CommandWorld {
        let world = try await World(
            strategy,
            expiresIn: 90 * 86_400,
            access: CommandWorld.access
        )
        try await world.oweAnAccount()
        return CommandWorld(world)
    }

    private func rotate(_ it: CommandWorld, isForced: Bool) async throws -> CloudEvent {
        var content = EventContent()
        content.secret = "orders"
        content.reason = "routine"
        content.force = isForced
        return try await it.ask(
            .rotationRequested,
            content,
            as: "rekey",
            person: nil,
            id: UUID().uuidString
        )
    }

    // It was taken for a spare, and whoever held its value was locked out.
    @Test(arguments: [Strategy.alternate, .dualKey])
    func `gets another value only where somebody insists, and is owed no more then`(
        strategy: Strategy
    ) async throws {
        let it = try await world(strategy)
        try await it.withWorker {
            let refused = try await rotate(it, isForced: false)
            #expect(refused.type == .rotationDeclined)
            #expect(refused.content.detail?.hasPrefix("shop_b is owed") == true)
            #expect(try await it.newest() == nil)
            #expect(try await it.world.journal.debts(unpaidOnly: true).map(\.account) == ["shop_b"])
            let taken = try await rotate(it, isForced: true)
            #expect(taken.type == .rotationAccepted, "\(taken.content.detail ?? "")")
            let rotation = try await it.world.ended()
            #expect(rotation.end == .closed, "\(rotation.stuckReason ?? "")")
            #expect(rotation.candidate.account == "shop_b")
            #expect(try await it.world.journal.debts(unpaidOnly: true).isEmpty)
        }
    }

    // Each request read the debts of the whole estate, of which a storm has thousands.
    @Test func `is looked for among those of its credential alone`() async throws {
        let it = try await world(.alternate)
        let seam = Seam(die: {})
        try await it.withWorker(journal: SeamJournal(it.world.journal, seam)) {
            let answer = try await rotate(it, isForced: false)
            #expect(answer.type == .rotationDeclined)
        }
        #expect(seam.counts["reader.unpaidDebts", default: 0] > 0, "\(seam.counts)")
        #expect(seam.counts["reader.debts"] == nil, "\(seam.counts)")
    }
}
