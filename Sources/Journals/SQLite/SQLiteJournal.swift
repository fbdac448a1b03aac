package import Foundation
import GRDB
import JournalRecords
package import RekeyCore
import RekeyPlatform
package import RekeyPorts
import Synchronization

/// A journal in one SQLite file, for one Rekey at a time.
///
/// The file is locked (`FILE.lock`); commits of concurrent callers share transactions
/// (`GroupCommit`); every call that returns is on disk. Claims are in memory (`ClaimTable`), so
/// those of the process that had the journal before are void, and a killed worker's successor goes
/// on at once.
package final class SQLiteJournal: Journal {
    package let id: String
    private let clock: any Clock
    private let path: String
    private let queue: DatabaseQueue
    private let group: GroupCommit
    private let journalReader: SQLiteJournalReader
    private let claims: ClaimTable
    private let cache = RotationCache()
    private let rows = RotationRows()
    private let lock: Mutex<FileLock?>

    /// Opens the journal at `path`, and makes it where there is none.
    ///
    /// Throws `held` while another Rekey has it open, `newerSchema` where a newer one wrote it,
    /// and `damaged` where the file is no journal. With a `pageLimit` the file grows no further
    /// than so many pages of 4 KiB, and what would not fit is refused as on a full disk.
    package static func open(
        path: String,
        clock: any Clock,
        pageLimit: Int? = nil
    ) throws(JournalFailure) -> SQLiteJournal {
        do {
            let lock = try JournalFile.lock(path)
            return try SQLiteJournal(
                path: path,
                clock: clock,
                pageLimit: pageLimit,
                lock: lock
            )
        } catch {
            throw JournalFailure(error, at: path)
        }
    }

    private init(
        path: String,
        clock: any Clock,
        pageLimit: Int?,
        lock: FileLock
    ) throws {
        try JournalFile.createIfAbsent(path)
        queue = try DatabaseQueue(
            path: path,
            configuration: JournalFile.writing(path, pageLimit: pageLimit)
        )
        let opened = try queue.writeWithoutTransaction { database in
            try JournalFile.prepare(database, at: path)
        }
        id = opened.id
        claims = ClaimTable(generation: opened.generation)
        group = GroupCommit(queue: queue, path: path)
        journalReader = try SQLiteJournalReader(
            path: path,
            clock: clock,
            memory: JournalMemory(rotations: cache, claims: claims, group: group)
        )
        self.path = path
        self.clock = clock
        self.lock = Mutex(lock)
    }

    package var reader: any JournalReader { journalReader }

    /// How many transactions held how many callers' changes since the journal was opened.
    package var groupCounts: GroupCounts { group.counts }

    package func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        guard !entries.isEmpty else { return [] }
        for entry in entries { try entry.checkTexts() }
        let now = clock.now
        return try await group.run { [rows] database in
            let writer = JournalWriter(database: database, now: now, rows: rows)
            return try entries.map { try writer.receive($0) }
        }
    }

    package func commit(
        _ writes: [JournalWrite],
        under claim: Claim?
    ) async throws(JournalFailure) {
        let prepared = try PreparedWrite.prepare(writes)
        let (now, claims, cache, rows) = (clock.now, claims, cache, rows)
        let isPending = claim.map { claims.commitBegins(under: $0) } ?? false
        defer { if isPending, let claim { claims.commitEnded(under: claim) } }
        _ = try await group.run { database in
            if let claim { try claims.check(claim) }
            return try JournalWriter(database: database, now: now, rows: rows).apply(prepared)
        } whenDurable: { places in
            rows.keep(places)
            for case .append(_, let state) in writes { cache.keep(state) }
        }
    }

    package func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        let bootSeconds = clock.bootSeconds
        var answer = claims.claim(rotation, for: holder, at: bootSeconds, seconds: seconds)
        if answer == .behindCommit {
            // What the holder before wrote has to be there for the next to read.
            answer = try await group.run { [claims] _ in
                claims.claim(
                    rotation,
                    for: holder,
                    at: bootSeconds,
                    seconds: seconds,
                    isBehindCommits: true
                )
            }
        }
        guard case .granted(let claim) = answer else { return nil }
        return claim
    }

    package func release(_ claim: Claim) async throws(JournalFailure) { claims.release(claim) }

    /// Finishes what is being written, and lets another Rekey open the journal.
    ///
    /// What is asked of the journal afterwards is refused.
    package func close() async throws(JournalFailure) {
        await group.stop()
        do {
            // The last to go copies the log into the file, which the reader could not.
            try journalReader.close()
            try queue.close()
        } catch {
            throw JournalFailure(error, at: path)
        }
        lock.withLock { $0 = nil }
    }
}

extension SQLiteJournal {
    package func prune(
        before date: Date,
        limit: Int
    ) async throws(JournalFailure) -> Int {
        try await group.run { database in
            try database.run(
                """
                DELETE FROM handled WHERE (lane, event) IN (
                    SELECT lane, event FROM handled WHERE at < ? ORDER BY at LIMIT ?)
                """,
                [date.column, max(limit, 0)]
            )
            let handled = database.changesCount
            try database.run(
                """
                DELETE FROM announced WHERE event IN (
                    SELECT event FROM announced WHERE at < ? ORDER BY at LIMIT ?)
                """,
                [date.column, max(limit, 0)]
            )
            return handled + database.changesCount
        }
    }
}
