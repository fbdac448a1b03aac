import Foundation
import InMemoryTarget
import InMemoryVault
import RekeyCore
import RekeyPorts
import Testing

@testable import RekeyWorker

@Suite(.timeLimit(.minutes(1))) struct `A previous value that the target does not accept` {
    // Somebody had put a wrong value into the vault. The rotation mended that; and when nobody
    // approved of it, it wrote the wrong value again and revoked the right one.
    @Test(arguments: [Strategy.alternate, .dualKey, .addThenRemove])
    func `is no way back, and nobody loses what is accepted`(strategy: Strategy) async throws {
        let world = try await World(
            strategy,
            policy: CommandWorld.gated,
            expiresIn: 3_600,
            access: CommandWorld.access
        )
        let it = CommandWorld(world)
        let original = try #require(try await world.vault.latest(World.name)?.value)
        let wrong = try world.definition.carriers[0].format.replacing(
            in: original,
            account: nil,
            secret: Secret(copying: "typed-by-hand".utf8)
        )
        // Of a key, only the tag tells which it was.
        let account = try #require(world.target?.accepted.first?.account)
        let tags = strategy == .dualKey ? [RekeyTag.account: account.text] : [:]
        let entry = VaultEntry(value: wrong, expires: Date() + 3_600, tags: tags)
        await world.vault.place(entry, as: World.name)
        let end = try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            _ = try await it.command("reject", rotation.id)
            let stuck = try await it.rotation(until: "a person has to decide") {
                $0.stuckReason != nil
            }
            #expect(stuck.stuckReason?.contains("does not accept the previous value") == true)
            let answer = try await it.command("abandon", rotation.id)
            #expect(answer.content.outcome == "accepted", "\(answer.content.detail ?? "")")
            return try await world.ended()
        }
        #expect(end.end == .abandoned)
        let latest = try #require(try await world.vault.latest(World.name)?.value)
        let held = try world.definition.carriers[0].format.credential(in: latest).secret
        #expect(world.target?.accepted.contains { $0.secret == held } == true)
    }
}
