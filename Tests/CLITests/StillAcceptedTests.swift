import Foundation
import InMemoryJournal
import RekeyCore
import RekeyPorts
import RekeyWorker
import SagaModel
import Testing

@testable import rekey

@Suite(.timeLimit(.minutes(1))) struct `A rotation that is followed to its end` {
    /// A journal with a whole rotation, of which the target showed `strays` at the end.
    private func journal(strays: [AccountID]) async throws -> InMemoryJournal {
        let plan = RotationSample.plan(.addThenRemove)
        let start = RotationSample.start
        let accepted = RotationEvent.accepted(plan, reason: .routine, by: "test", at: start)
        var rotation = try #require(Rotation(RotationSample.id, startingWith: accepted))
        var writes: [JournalWrite] = [.append(accepted, state: rotation)]
        while var event = Walk.best(for: rotation) {
            if case .observed(.closingListed, _) = event {
                event = .observed(.closingListed(strays: strays), at: start)
            }
            rotation.fold(event)
            writes.append(.append(event, state: rotation))
        }
        #expect(rotation.end == .closed)
        let journal = InMemoryJournal(clock: SystemClock())
        try await journal.commit(writes, under: nil)
        return journal
    }

    private func said(of journal: InMemoryJournal) async -> [String] {
        do {
            try await LiveView(reader: journal.reader, rotation: RotationSample.id).follow()
            return []
        } catch {
            return Problem(describing: error).lines
        }
    }

    // It said that nothing is owed, whatever was.
    @Test func `is an error where something is still accepted, by its name`() async throws {
        let clean = try await journal(strays: [])
        #expect(await said(of: clean).isEmpty)
        let owing = try await journal(strays: ["stray-key"])
        let lines = await said(of: owing)
        #expect(lines.first?.contains("still accepted: stray-key") == true, "\(lines)")
    }
}
