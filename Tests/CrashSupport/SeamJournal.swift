package import Foundation
package import RekeyCore
package import RekeyPorts

/// A journal behind a seam, its reader included.
package struct SeamJournal: Journal {
    package var id: String { base.id }
    package var reader: any JournalReader { SeamJournalReader(base.reader, seam) }
    private let base: any Journal
    private let seam: Seam

    package init(_ base: any Journal, _ seam: Seam) {
        self.base = base
        self.seam = seam
    }

    package func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        try await pass("receive") { () async throws(JournalFailure) in
            try await base.receive(entries)
        }
    }

    package func commit(
        _ writes: [JournalWrite],
        under claim: Claim?
    ) async throws(JournalFailure) {
        try await pass("commit") { () async throws(JournalFailure) in
            try await base.commit(writes, under: claim)
        }
    }

    package func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        try await pass("claim") { () async throws(JournalFailure) in
            try await base.claim(rotation, for: holder, seconds: seconds)
        }
    }

    package func release(_ claim: Claim) async throws(JournalFailure) {
        try await pass("release") { () async throws(JournalFailure) in
            try await base.release(claim)
        }
    }

    /// No point of its own: what it takes away, no rotation goes by.
    package func prune(
        before date: Date,
        limit: Int
    ) async throws(JournalFailure) -> Int {
        try await base.prune(before: date, limit: limit)
    }

    private func pass<Value: Sendable>(
        _ call: String,
        _ body: @escaping @Sendable () async throws(JournalFailure) -> Value
    ) async throws(JournalFailure) -> Value {
        try await seam.pass("journal.\(call)", failing: { .unavailable($0.reason) }, body)
    }
}
