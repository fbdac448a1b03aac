import RekeyPorts
import RekeyPostgres

/// The tables of the saga in a PostgreSQL schema of their own, and how an older journal gets them.
///
/// # Format
///
/// Everything lies in one schema, whose name is a setting; `journal` says that it is a journal of
/// Rekey (`id`), which of the migrations it has had (`format`), and which is the `oldest` version
/// whose Rekey may go on with it. What the rows mean is the
/// same as in SQLite's journal, down to the bytes of events and digests (`JournalRecords`). Times
/// are seconds since 2001-01-01 UTC as `double precision`, which is what `Date` holds, but for
/// those of `claims`, `replicas` and `since`, which are seconds since 1970 by the database's own
/// clock. Texts are ordered by their bytes (`COLLATE "C"`).
///
/// What is there because several workers share it:
///
/// - `replicas`: one row for each open journal. `seen` is its heartbeat; `last_commit` is the
///   number of its last transaction, by which it finds out whether that one happened.
/// - `claims`: one row for each rotation that was ever claimed, for ever, so that `epoch` only
///   rises. `holder` is null where nobody has it; `until` is the end by the database's clock.
/// - `inbox.replica` and `outbox.replica`: who received or wrote the row, and is the one to work on
///   it or publish it while it lives. `outbox.since` is when it became that one's, so that another
///   takes it that is not published for long, as when only its writer cannot reach the broker.
/// - `credentials.record` says its `revision`, which rises with each writing: one that was made of
///   an older record is refused. `sequence` and `rotated_at` are from the record beside them, for a
///   Rekey of before that, which judges by them.
///
/// # Why a crash, or two workers, leave whole commits
///
/// A journal writes through one connection, one transaction at a time: `BEGIN`, the replica's own
/// row with the transaction's number, then locks on every row that a decision depends on (claims,
/// rotations, credentials, inbox entries that are handled). The answer decides in memory who is
/// refused; the second and last message holds all changes and `COMMIT`. So a stale claim is found
/// under a lock that whoever takes the claim over needs too: either the commit ends first and the
/// next holder reads it, or the next holder's epoch is there and nothing is written. Two appends of
/// one event meet on the rotation's row, or on its primary key when it is new. Two that handle one
/// entry, as a worker that stood still and who took the entry over from it, meet on the entry's
/// row. PostgreSQL answers `COMMIT` when its log is on disk (`synchronous_commit` is put to `on`
/// where it is `off`), and what is not committed is as if it had never been.
///
/// A connection lost before `COMMIT` was sent has changed nothing, and the transaction is made
/// again. One lost after it is neither done nor undone: a new session ends the old one by its
/// number and start, waits until it is gone, locks the replica's row and reads `last_commit`. The
/// old transaction held that lock before its `COMMIT` was sent, so what is read is the outcome.
///
/// The order of `outbox.seq` is the order of commit within a rotation, because rows of one rotation
/// are written under its locks; between rotations it means nothing.
///
/// A claim's time is judged by one clock, the database's, and the holder counts from before it
/// asked, on its own `CLOCK_BOOTTIME`: it gives up no later than the database does, however the
/// clocks of the replicas differ. If the database's clock jumps forward, a claim ends early: then
/// two workers may act at once, but only the later epoch may write.
///
/// # How it changes while workers run
///
/// A version that was released is never changed: another one is added behind it (`Migration`), and
/// the first worker that knows it makes it when it opens the journal, in one transaction. What only
/// adds a table, an index, or a column that may be null leaves `oldest` as it is: older workers go
/// on, may be started again, and are replaced one by one. Whoever takes something away, or adds to
/// what is in the JSON what an older Rekey cannot read, raises `oldest`. Each transaction of a
/// writer shares the lock under which migrations are made, and then reads `oldest`: it is whole
/// before the migration, or finds that it is too old, changes nothing, and the worker ends with
/// `newerSchema`. What it had taken up the others take over, as from one that died.
enum JournalSchema {
    /// The version that this Rekey writes.
    static var known: Int { migrations.count }

    /// Brings an absent or older journal to `known`, whole or not at all, and answers its id.
    ///
    /// Workers that open it at once take turns, and only where there is something to change: who
    /// asks for the lock keeps all others from writing, and one that stands still in the midst of a
    /// commit has it for seconds.
    static func migrate(
        _ connection: isolated PostgresConnection,
        schema: String,
        newID: String,
        at place: String
    ) throws(PostgresFailure) -> Result<String, JournalFailure> {
        switch try version(connection, schema: schema, at: place) {
        case .success(let version) where version >= known: return try id(connection, at: place)
        case .success: break
        case .failure(let failure): return .failure(failure)
        }
        try connection.query(
            "SELECT pg_advisory_xact_lock(\(lock("$1")))",
            [.text(schema)]
        )
        let found: Int
        // Another may have changed it while this one waited.
        switch try version(connection, schema: schema, at: place) {
        case .success(let version): found = version
        case .failure(let failure): return .failure(failure)
        }
        if found == 0 {
            let exists = try connection.query(
                "SELECT 1 FROM pg_namespace WHERE nspname = $1",
                [.text(schema)]
            )
            if exists.isEmpty { try connection.execute("CREATE SCHEMA \(identifier: schema)") }
        }
        for (index, migration) in migrations.enumerated().dropFirst(found) {
            for statement in migration.statements { try connection.execute(statement) }
            try connection.execute(
                """
                INSERT INTO journal (name, value) VALUES ('format', $1), ('oldest', $2), ('id', $3)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                WHERE journal.name <> 'id'
                """,
                [.text(String(index + 1)), .text(String(migration.oldest)), .text(newID)]
            )
        }
        return try id(connection, at: place)
    }

    private static func id(
        _ connection: isolated PostgresConnection,
        at place: String
    ) throws(PostgresFailure) -> Result<String, JournalFailure> {
        let id = try connection.query("SELECT value FROM journal WHERE name = 'id'").first?.first
        guard let id, let id else { return .failure(.damaged("\(place): it has no id")) }
        return .success(id)
    }

    /// The number of the lock under which the schema of this name is changed.
    static func lock(_ schema: String) -> String {
        "hashtextextended('rekey journal ' || \(schema), 0)"
    }

    /// The version that a schema has: 0 where it is absent or empty.
    ///
    /// It is `newerSchema` that is not fit for this Rekey.
    static func version(
        _ connection: isolated PostgresConnection,
        schema: String,
        at place: String
    ) throws(PostgresFailure) -> Result<Int, JournalFailure> {
        let tables = try connection.query(
            """
            SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'm', 'S', 'f', 'p')
            """,
            [.text(schema)]
        )
        guard !tables.isEmpty else { return .success(0) }
        let notOurs = JournalFailure.damaged(
            "\(place): the schema has tables, but is not a journal of rekey"
        )
        let columns = try connection.query(
            """
            SELECT 1 FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = 'journal' AND a.attname IN ('name', 'value')
            """,
            [.text(schema)]
        )
        guard columns.count == 2 else { return .failure(notOurs) }
        let row = try connection.query("SELECT value FROM journal WHERE name = 'format'").first
        guard let value = row?.first, let value, let found = Int(value) else {
            return .failure(notOurs)
        }
        let limit = try connection.query(oldest).first?.first.flatMap(\.self) ?? ""
        guard found <= known || (Int(limit) ?? .max) <= known else {
            return .failure(.newerSchema(found: found, known: known))
        }
        return .success(found)
    }

    /// The oldest version whose Rekey may go on with the journal.
    static let oldest = "SELECT value FROM journal WHERE name = 'oldest'"

    /// Why this Rekey may not go on, by what `oldest` answered; nil where it may.
    static func refusal(_ rows: [[String?]]) -> JournalFailure? {
        guard let text = rows.first?.first.flatMap(\.self), let oldest = Int(text),
            oldest > known
        else { return nil }
        return .newerSchema(found: oldest, known: known)
    }
}
