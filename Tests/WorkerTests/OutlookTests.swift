import Foundation
import InMemoryJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The outlook of a credential` {
    private func outlook(_ world: World) async throws -> Outlook {
        let finder = FactFinder(
            adapters: world.adapters().readOnly,
            installation: World.installation
        )
        let known = try await JournalFacts(about: world.definition, in: world.journal.reader)
        return try await finder.outlook(of: world.definition, known, at: Date())
    }

    @Test func `is a rotation for who asks, and for nobody else before it is due`() async throws {
        let world = try await World(.alternate, expiresIn: 90 * 86_400)
        let found = try await outlook(world)
        guard case .accept(let plan) = found.asked else {
            throw PartFailure("not accepted: \(found.asked)")
        }
        #expect(plan.candidateAccount == "shop_b")
        guard case .decline(let why) = found.unasked else {
            throw PartFailure("not declined: \(found.unasked)")
        }
        #expect(why.hasPrefix("not due before"))
        let due = try await World(.alternate, expiresIn: 3_600)
        let ripe = try await outlook(due)
        #expect(ripe.unasked == ripe.asked)
    }

    // `rekey plan` knew no journal, and said of an owed account that it comes next.
    @Test func `is the refusal that the worker then answers with`() async throws {
        let world = try await World(.alternate, expiresIn: 3_600, access: CommandWorld.access)
        try await world.oweAnAccount()
        let found = try await outlook(world)
        let it = CommandWorld(world)
        let answer = try await it.withWorker { try await it.rotate(reason: "routine") }
        #expect(answer.type == .rotationDeclined)
        let why = try #require(answer.content.detail)
        #expect(found.asked == .decline(why: why))
        #expect(found.unasked == .decline(why: why))
    }

    @Test func `is what is under way already`() async throws {
        let it = CommandWorld(
            try await World(.alternate, policy: CommandWorld.gated, access: CommandWorld.access)
        )
        try await it.withWorker {
            let running = try await it.rotationAtGate()
            let found = try await outlook(it.world)
            #expect(found.asked == .coalesce(with: running.id))
            #expect(found.unasked == .coalesce(with: running.id))
        }
    }
}
