import Foundation
import InMemoryJournal
import InMemoryVault
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

    // One role's password came into a document that names another one, and nobody could sign in.
    @Test(arguments: [Strategy.replace, .alternate])
    func `is a refusal where the document names a user that the target has not`(
        strategy: Strategy
    ) async throws {
        let world = try await World(strategy, expiresIn: 3_600)
        let reference = world.definition.carriers[0].reference
        let definition = CredentialDefinition(
            id: "orders",
            strategy: strategy,
            target: "target",
            staging: world.definition.staging,
            carriers: [PlannedCarrier(reference, format: .url)],
            policy: World.quick
        )
        let finder = FactFinder(
            adapters: world.adapters().readOnly,
            installation: World.installation
        )
        let own = strategy == .replace ? "shop" : "shop_a"
        let users = [("stranger", false), (own, true), ("\(own)%40server", strategy == .replace)]
        for (user, isAccepted) in users {
            let document = Secret(copying: "postgres://\(user):old-value-1@db/orders".utf8)
            let entry = VaultEntry(value: document, expires: Date() + 3_600)
            await world.vault.place(entry, as: reference.name)
            let found = try await finder.outlook(of: definition, JournalFacts(), at: Date())
            if case .accept = found.asked {
                #expect(isAccepted, "\(user)")
            } else {
                #expect(!isAccepted, "\(user)")
                #expect("\(found.asked)".contains("the carriers name the user"))
            }
        }
    }
}
