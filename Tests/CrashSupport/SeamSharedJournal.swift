package import Foundation
package import RekeyCore
package import RekeyPorts

/// A journal that several workers may share, behind a seam.
///
/// What it takes over from others has no points of its own: it is asked for again and again.
package struct SeamSharedJournal: SharedJournal {
    package var id: String { base.id }
    package var reader: any JournalReader { base.reader }
    private let base: any SharedJournal
    private let seamed: SeamJournal

    package init(_ base: any SharedJournal, _ seam: Seam) {
        self.base = base
        seamed = SeamJournal(base, seam)
    }

    package func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await seamed.receive(entries)
    }

    package func commit(
        _ writes: [JournalWrite],
        under claim: Claim?
    ) async throws(JournalFailure) {
        try await seamed.commit(writes, under: claim)
    }

    package func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try await seamed.claim(rotation, for: holder, seconds: seconds)
    }

    package func release(_ claim: Claim) async throws(JournalFailure) {
        try await seamed.release(claim)
    }

    package func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await seamed.prune(before: date, limit: limit)
    }

    package func awaitWork() async throws(JournalFailure) -> SharedWork {
        try await base.awaitWork()
    }

    package func close() async { await base.close() }
}
