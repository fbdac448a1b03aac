import CrashSupport
import Foundation
import RekeyCore
import RekeyPorts

/// A shared journal that notes what was refused for an old claim.
struct NotingJournal: SharedJournal {
    let base: any SharedJournal
    let notes: Trace
    /// A planted mistake: a claim never ends, and a refusal counts as done.
    let ignoresStaleClaims: Bool

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        do throws(JournalFailure) {
            try await base.commit(writes, under: claim)
        } catch {
            guard case .staleClaim = error else { throw error }
            notes.add(WorldFile.refused)
            if !ignoresStaleClaims { throw error }
        }
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        let claim = try await base.claim(rotation, for: holder, seconds: seconds)
        guard let claim, ignoresStaleClaims else { return claim }
        return Claim(
            rotation: claim.rotation,
            holder: claim.holder,
            epoch: claim.epoch,
            untilBootSeconds: .infinity
        )
    }

    func release(_ claim: Claim) async throws(JournalFailure) { try await base.release(claim) }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await base.prune(before: date, limit: limit)
    }

    func awaitWork() async throws(JournalFailure) -> SharedWork { try await base.awaitWork() }

    func close() async { await base.close() }
}
