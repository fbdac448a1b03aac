import Foundation
import InMemoryJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Synchronization
import Testing

/// A journal whose answer to the first refusal gets lost, after the commit has happened.
private final class LostAnswerJournal: Journal {
    private let base: InMemoryJournal
    private let isLost = Mutex(false)
    private let meanwhile: @Sendable (InMemoryJournal) async throws -> Void

    /// `meanwhile` happens before the caller hears that its commit failed.
    init(
        _ base: InMemoryJournal,
        meanwhile: @escaping @Sendable (InMemoryJournal) async throws -> Void
    ) {
        self.base = base
        self.meanwhile = meanwhile
    }

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        try await base.commit(writes, under: claim)
        let refuses = writes.contains {
            if case .enqueue(let row) = $0 { row.type == .rotationDeclined } else { false }
        }
        guard refuses,
            isLost.withLock({ lost in
                defer { lost = true }
                return !lost
            })
        else { return }
        do { try await meanwhile(base) } catch { throw .unavailable("\(error)") }
        throw .unavailable("its answer was lost")
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try await base.claim(rotation, for: holder, seconds: seconds)
    }

    func release(_ claim: Claim) async throws(JournalFailure) { try await base.release(claim) }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await base.prune(before: date, limit: limit)
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A refusal whose commit was made and whose answer was lost` {
    // It was decided once more, by what had changed since: who had been told no was told yes.
    @Test func `stands, and begins no rotation`() async throws {
        let it = CommandWorld(
            try await World(.replace, expiresIn: 90 * 86_400, access: CommandWorld.access)
        )
        let paused = CredentialRecord(id: "orders", adoptedAt: Date(), isPaused: true)
        try await it.world.journal.commit([.credential(paused)], under: nil)
        let journal = LostAnswerJournal(it.world.journal) { journal in
            try await journal.change("orders") { $0.isPaused = false }
        }
        try await it.withWorker(journal: journal) {
            #expect(try await it.rotate().type == .rotationDeclined)
            // The second of these comes after the first is decided once more, where it is.
            for _ in 0..<2 {
                _ = try await it.command("unpause") { $0.secret = "orders" }
            }
        }
        #expect(it.events(.rotationAccepted).isEmpty)
        #expect(try await it.world.journal.rotations(RotationQuery()).isEmpty)
    }
}
