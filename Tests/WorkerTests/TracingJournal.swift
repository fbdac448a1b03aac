import Foundation
import RekeyCore
import RekeyPorts
import SagaModel
import Synchronization

/// A journal that remembers what it took, in order, and that may be mistaken.
final class TracingJournal: Journal {
    /// What makes the engine over it a wrong one.
    enum Mistake: CaseIterable {
        /// A commit under a claim that somebody took over counts as made.
        case takesStaleClaims
        /// The candidate is never proved.
        case skipsTheProof
        /// The old credential is revoked as soon as the new one is promoted.
        case revokesBeforeEvidence
    }

    private let base: any Journal
    private let mistake: Mistake?
    private let traces = Mutex<[RotationID: [TraceEntry]]>([:])
    private let refused = Mutex<[JournalFailure]>([])
    private let heldUp: Mutex<Step?>

    /// The first commit that ends `heldUp` waits until its claim is somebody else's.
    init(_ base: any Journal, mistake: Mistake? = nil, heldUp: Step? = nil) {
        self.base = base
        self.mistake = mistake
        self.heldUp = Mutex(heldUp)
    }

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    /// Why commits were refused.
    var refusals: [JournalFailure] { refused.withLock(\.self) }

    func trace(of rotation: RotationID) -> [TraceEntry] {
        traces.withLock { $0[rotation] ?? [] }
    }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        let writes = mistake.map { changed(writes, by: $0) } ?? writes
        await holdUp(writes)
        do throws(JournalFailure) {
            try await base.commit(writes, under: claim)
        } catch {
            refused.withLock { $0.append(error) }
            guard mistake == .takesStaleClaims, case .staleClaim = error else { throw error }
        }
        note(writes, claim)
    }

    private func holdUp(_ writes: [JournalWrite]) async {
        let isHeldUp = heldUp.withLock { step in
            let isEnd = writes.contains { write in
                if case .append(.finished(let ended, _), _) = write { ended == step } else { false }
            }
            if isEnd { step = nil }
            return isEnd
        }
        guard isHeldUp else { return }
        // Its claim lasts 0.3 s; a test that is cancelled goes on at once.
        try? await Task.sleep(for: .seconds(1))
    }

    func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        let claim = try await base.claim(rotation, for: holder, seconds: seconds)
        if let claim {
            traces.withLock { traces in
                let entry = TraceEntry.claimed(epoch: claim.epoch, holder: holder)
                traces[rotation, default: []].append(entry)
            }
        }
        return claim
    }

    func release(_ claim: Claim) async throws(JournalFailure) {
        try await base.release(claim)
    }

    func prune(before date: Date, limit: Int) async throws(JournalFailure) -> Int {
        try await base.prune(before: date, limit: limit)
    }

    private func note(_ writes: [JournalWrite], _ claim: Claim?) {
        var events: [RotationID: [RotationEvent]] = [:]
        for write in writes {
            guard case .append(let event, let state) = write else { continue }
            events[state.id, default: []].append(event)
        }
        traces.withLock { traces in
            for (id, events) in events {
                traces[id, default: []].append(.recorded(events, epoch: claim?.epoch))
            }
        }
    }

    /// Adds to each commit what a wrong engine would have recorded with it.
    private func changed(_ writes: [JournalWrite], by mistake: Mistake) -> [JournalWrite] {
        writes.flatMap { write -> [JournalWrite] in
            guard case .append(.finished(let step, let at), let state) = write else {
                return [write]
            }
            var more: [RotationEvent] = []
            if mistake == .skipsTheProof, step == .apply { more = [.finished(.prove, at: at)] }
            if mistake == .revokesBeforeEvidence, step == .promote,
                let old = state.plan.previousAccount
            {
                more = [
                    .intended(.retire(old), at: at, deadline: at),
                    .observed(.retired(old), at: at),
                ]
            }
            var after = state
            return [write]
                + more.map { event in
                    after.fold(event)
                    return .append(event, state: after)
                }
        }
    }
}
