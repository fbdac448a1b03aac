import Foundation
import InMemoryJournal
import RekeyCore
import RekeyPorts
import Synchronization

/// A journal that holds one commit up, between its reads and its writing, until something else has
/// happened.
final class MeanwhileJournal: Journal {
    private let base: InMemoryJournal
    private let isHeldUp: @Sendable ([JournalWrite]) -> Bool
    private let meanwhile: @Sendable (InMemoryJournal) async throws -> Void
    private let held = Mutex<(isOver: Bool, left: CredentialRecord?)>((false, nil))
    private let refused = Mutex<[JournalFailure]>([])

    /// The first commit with such writes is held up.
    init(
        _ base: InMemoryJournal,
        before isHeldUp: @escaping @Sendable ([JournalWrite]) -> Bool,
        meanwhile: @escaping @Sendable (InMemoryJournal) async throws -> Void
    ) {
        self.base = base
        self.isHeldUp = isHeldUp
        self.meanwhile = meanwhile
    }

    /// The credential's record when the commit that was held up had been made or refused.
    var left: CredentialRecord? { held.withLock { $0.left } }

    /// Why commits were refused.
    var refusals: [JournalFailure] { refused.withLock(\.self) }

    var id: String { base.id }
    var reader: any JournalReader { base.reader }

    func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await base.receive(entries)
    }

    func commit(_ writes: [JournalWrite], under claim: Claim?) async throws(JournalFailure) {
        let isFirst =
            isHeldUp(writes)
            && held.withLock { held in
                defer { held.isOver = true }
                return !held.isOver
            }
        guard isFirst else { return try await pass(writes, claim) }
        do { try await meanwhile(base) } catch { throw .unavailable("meanwhile: \(error)") }
        let result: Result<Void, JournalFailure>
        do { result = .success(try await pass(writes, claim)) } catch { result = .failure(error) }
        let left = try await base.credential("orders")
        held.withLock { $0.left = left }
        try result.get()
    }

    private func pass(_ writes: [JournalWrite], _ claim: Claim?) async throws(JournalFailure) {
        do throws(JournalFailure) {
            try await base.commit(writes, under: claim)
        } catch {
            refused.withLock { $0.append(error) }
            throw error
        }
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

extension InMemoryJournal {
    /// Changes the record that is there, as often as somebody else changes it first.
    func change(
        _ id: CredentialID,
        _ change: (inout CredentialRecord) -> Void
    ) async throws(JournalFailure) {
        while true {
            guard var record = try await credential(id) else { return }
            change(&record)
            do {
                return try await commit([.credential(record)], under: nil)
            } catch .conflict {
                continue
            }
        }
    }
}

extension [JournalWrite] {
    /// The records that are written.
    var records: [CredentialRecord] {
        compactMap { if case .credential(let record) = $0 { record } else { nil } }
    }

    /// The events that are appended.
    var events: [RotationEvent] {
        compactMap { if case .append(let event, _) = $0 { event } else { nil } }
    }
}
