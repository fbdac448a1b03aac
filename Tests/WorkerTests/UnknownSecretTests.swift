import Foundation
import InMemoryJournal
import RekeyCore
import RekeyPorts
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A request for a secret that is not configured` {
    // It was forgotten without a word, and whoever had declared a compromise waited.
    @Test(arguments: ["routine", "compromise"])
    func `is declined`(reason: String) async throws {
        let it = CommandWorld(
            try await World(.alternate, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
        try await it.withWorker {
            var content = EventContent()
            content.secret = "no-such-secret"
            content.reason = reason
            let answer = try await it.ask(
                .rotationRequested,
                content,
                as: "rekey",
                person: nil,
                id: "unknown"
            )
            #expect(answer.type == .rotationDeclined)
            #expect(answer.content.secret == "no-such-secret")
            #expect(answer.content.detail == "no such secret is configured")
            let counts = try await it.world.journal.counts()
            #expect(counts.openRotations == 0)
            #expect(counts.waitingInbox == 0)
        }
    }
}
