import Foundation
import RekeyCore
import RekeyPorts
import Synchronization

/// Which rotation each credential is in.
final class RotationBook: Sendable {
    private let open = Mutex<[CredentialID: RotationID]>([:])

    subscript(credential: CredentialID) -> RotationID? {
        get { open.withLock { $0[credential] } }
        set { open.withLock { $0[credential] = newValue } }
    }
}

/// A journal that keeps the book, and writes a line for each rotation that ends.
struct TracingJournal: Journal {
    let base: any Journal
    let book: RotationBook

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        var over: [Rotation] = []
        for write in writes {
            guard case .append(_, let rotation) = write else { continue }
            book[rotation.plan.credential] = rotation.isOver ? nil : rotation.id
            if rotation.isOver { over.append(rotation) }
        }
        try await base.commit(writes, under: claim)
        for rotation in over {
            let kind: CallTrace.Line.Kind = rotation.end == .closed ? .closed : .failed
            Report.line("\(CallTrace.Line(kind, rotation.id, "journal"))")
        }
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
}
