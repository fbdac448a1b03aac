import Foundation
import RekeyCore
import RekeyPorts

/// A journal that counts, of several workers.
struct SharedCountingJournal: SharedJournal {
    let counting: CountingJournal
    let shared: any SharedJournal

    var id: String { shared.id }
    var reader: any JournalReader { shared.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await counting.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        try await counting.commit(writes, under: claim)
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    )
        async throws(JournalFailure) -> Claim?
    {
        try await counting.claim(rotation, for: holder, seconds: seconds)
    }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await counting.prune(before: date, limit: limit)
    }

    func release(_ claim: Claim) async throws(JournalFailure) {
        try await counting.release(claim)
    }

    func awaitWork() async throws(JournalFailure) -> SharedWork { try await shared.awaitWork() }

    func close() async { await shared.close() }
}
