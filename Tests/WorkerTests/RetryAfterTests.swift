import InMemoryVault
import RekeyCore
import RekeyPorts
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A vault that says when to come again` {
    // A turn of the worker slept for as long, and the asker with it.
    @Test func `is not waited for longer than the policy's pauses`() async throws {
        let it = CommandWorld(
            try await World(.alternate, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
        let later = StepFailure(.transient, "too many requests", retryAfterSeconds: 86_400)
        await it.world.vault.inject(VaultFault(.before(later), on: .latest, count: .max))
        try await it.withWorker {
            let answer = try await it.rotate(as: "gateway", person: "ops@example.test")
            #expect(answer.type == .rotationDeclined)
            #expect(answer.content.detail?.contains("too many requests") == true)
        }
    }
}
