import Foundation
import RekeyCore
import RekeyPorts

/// A journal that counts what was handled, says which rotations ended, and makes every event that
/// goes out as long as the measurement asks.
struct CountingJournal: Journal {
    let base: any Journal
    let counts: SagaCounts
    let eventBytes: Int
    let ended: @Sendable (CredentialID) -> Void

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        try await base.commit(writes.map(padded), under: claim)
        var handled = 0
        var over: [Rotation] = []
        for write in writes {
            switch write {
            case .handled: handled += 1
            case .append(let event, let state):
                if case .finished = event { handled += 1 }
                if state.isOver { over.append(state) }
            default: break  // The other writes are parts of a step.
            }
        }
        guard handled > 0 || !over.isEmpty else { return }
        counts.change { totals in
            totals.handled += handled
            totals.rotationsEnded += over.count
            totals.rotationsFailed += over.count { $0.end != .closed }
        }
        for rotation in over { ended(rotation.plan.credential) }
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try await base.claim(rotation, for: holder, seconds: seconds)
    }

    func release(_ claim: Claim) async throws(JournalFailure) {
        try await base.release(claim)
    }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await base.prune(before: date, limit: limit)
    }

    private func padded(_ write: JournalWrite) -> JournalWrite {
        guard case .enqueue(let row) = write, row.body.count < eventBytes else { return write }
        return .enqueue(
            OutboxRow(
                event: row.event,
                type: row.type,
                rotation: row.rotation,
                body: row.body.padded(to: eventBytes),
                mustArrive: row.mustArrive,
                isUrgent: row.isUrgent,
                createdAt: row.createdAt
            )
        )
    }
}
