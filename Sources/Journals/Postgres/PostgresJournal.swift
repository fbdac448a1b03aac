import Foundation
import JournalRecords
package import RekeyCore
package import RekeyPorts
import RekeyPostgres

/// A journal in PostgreSQL, which several workers on several machines may have open at once.
///
/// Commits of concurrent callers share transactions (`GroupCommit`); every call that returns is on
/// the server's disk. Claims are rows, judged by the database's clock.
package final class PostgresJournal: Journal {
    package let id: String
    let session: JournalSession
    private let clock: any Clock
    private let writer: JournalWriter
    private let group: GroupCommit
    private let journalReader: PostgresJournalReader
    private let cache: RotationCache
    let keeper: ReplicaKeeper

    /// How long a claim waits for its holder to give it back, one pause after the other: the event
    /// that wakes a worker may overtake the end of the turn that sent it, on another worker.
    private static let claimPauses = [5, 10, 20, 40, 80, 120]

    /// Opens the journal, and makes its tables where there are none.
    ///
    /// Throws `newerSchema` where a newer Rekey wrote it, and `damaged` where the schema is no
    /// journal.
    package static func open(
        _ settings: PostgresJournalSettings,
        clock: any Clock
    ) async throws(JournalFailure) -> PostgresJournal {
        let session = JournalSession(settings: settings)
        let connection = try await session.open(.writing)
        let (schema, place) = (settings.schema, settings.place)
        let newID = UUID().uuidString.lowercased()
        let outcome: Result<String, JournalFailure>
        do throws(PostgresFailure) {
            outcome = try await connection.transaction { (link) throws(PostgresFailure) in
                try JournalSchema.migrate(link, schema: schema, newID: newID, at: place)
            }
        } catch {
            await connection.close()
            throw JournalFailure(error, at: place)
        }
        await connection.close()
        return PostgresJournal(id: try outcome.get(), session, clock)
    }

    private init(id: String, _ session: JournalSession, _ clock: any Clock) {
        let replica = UUID().uuidString.lowercased()
        let cache = RotationCache()
        let writer = JournalWriter(replica: replica, session: session, clock: clock)
        self.id = id
        self.session = session
        self.clock = clock
        self.cache = cache
        self.writer = writer
        group = GroupCommit { await writer.write($0) }
        journalReader = PostgresJournalReader(
            id: id,
            session,
            JournalReplica(id: replica, rotations: cache)
        )
        keeper = ReplicaKeeper(replica: replica, session: session)
    }

    package var reader: any JournalReader { journalReader }

    /// How many transactions held how many callers' requests since the journal was opened.
    package var groupCounts: PostgresGroupCounts { group.counts }

    package func receive(_ entries: [InboxEntry]) async throws(JournalFailure) -> [Bool] {
        guard !entries.isEmpty else { return [] }
        for entry in entries { try entry.checkTexts() }
        switch await group.run(.receive(entries)) {
        case .received(let isNew): return isNew
        case .refused(let failure): throw failure
        case .done, .claimed: preconditionFailure("A receipt is answered by what is new.")
        }
    }

    package func commit(
        _ writes: [JournalWrite],
        under claim: Claim?
    ) async throws(JournalFailure) {
        let prepared = try PreparedWrite.prepare(writes)
        if case .refused(let failure) = await group.run(.commit(prepared, under: claim)) {
            throw failure
        }
        for case .append(_, let state) in writes { cache.keep(state) }
    }

    package func claim(
        _ rotation: RotationID,
        for holder: String,
        seconds: Double
    ) async throws(JournalFailure) -> Claim? {
        for pause in [0] + Self.claimPauses {
            if pause > 0 {
                // Cancelled while waiting: somebody else has it.
                do { try await Task.sleep(for: .milliseconds(pause)) } catch { return nil }
            }
            // From before the database is asked: this side's time ends first.
            let bootSeconds = clock.bootSeconds
            let request = GroupRequest.claim(rotation, holder: holder, seconds: seconds)
            switch await group.run(request) {
            case .claimed(let epoch?):
                return Claim(
                    rotation: rotation,
                    holder: holder,
                    epoch: epoch,
                    untilBootSeconds: bootSeconds + seconds
                )
            case .refused(let failure): throw failure
            case .claimed, .done, .received: break
            }
        }
        return nil
    }

    package func release(_ claim: Claim) async throws(JournalFailure) {
        if case .refused(let failure) = await group.run(.release(claim)) { throw failure }
    }

    /// Leaves what is unfinished to the other workers at once, and closes the connections.
    package func close() async {
        await keeper.leave()
        await writer.close()
        await journalReader.close()
    }
}
