import GRDB
import RekeyPorts

/// The tables of the saga, and how a journal of an older Rekey gets them.
///
/// # Format
///
/// One SQLite file in WAL mode, `synchronous=FULL`. `application_id` says that it is a journal,
/// `user_version` which of the migrations below it has had. Times are seconds since 2001-01-01 UTC
/// as a REAL, which is what `Date` holds, so that they come back bit by bit.
///
/// - `journal`: its id, its generation, which rises whenever it is opened, and `oldest`.
/// - `rotations`: one row a rotation, for ever. `number` is how many events it has, `head` the
///   digest of the last, `is_open` whether it goes on. `state` is the JSON of the first
///   `state_number` events folded, so that a reader folds only those after it.
/// - `events`: the history. `event` is JSON with sorted members, and never rewritten; `digest` is
///   SHA-256 over the digest before it and these bytes (`AuditChain`). The rows are in the order
///   of commit, so that those of many rotations share pages. Each belongs to a row of `rotations`,
///   which the writer has just written: SQLite is not asked to look for it once more.
/// - `inbox`: what came and waits, with who published it, and who published it again after it was
///   parked; `handled`: the (lane, event) of what was done and must not be
///   done again.
/// - `outbox`: what is to go, in the order of `seq`, which is the order of commit because there is
///   one writer; `announced`: the ids of announcements that went. Of what had to arrive none is
///   kept, for its rotation's number keeps it from coming again.
/// - `timers`, `credentials`, `debts`: the present, one row each, overwritten in place. A record
///   of `credentials` says its `revision`, which rises with each writing: one that was made of an
///   older record is refused.
///
/// # Why a crash leaves whole commits
///
/// Every change is made inside one transaction between `BEGIN IMMEDIATE` and `COMMIT`, whole with
/// all changes of its caller. In WAL mode the transaction's pages are appended to the `-wal` file,
/// the last with a commit mark and all under a running checksum, and the file is synced before
/// COMMIT returns; nobody is told of success before that. A process that dies earlier leaves pages
/// without a valid commit mark, which the next opening ignores: no statement of the group
/// happened. One that dies later leaves a valid mark: every statement of the group happened. A
/// checkpoint copies committed pages only, syncs the main file before the log is reused, and may
/// be repeated. So the file never shows an event without its state, a state without its outbox
/// row, or a handled entry without what it caused.
///
/// Claims are the one thing that a process must not inherit, so they are in its memory only
/// (`ClaimTable`): a killed worker's successor goes on at once, and the generation keeps the epochs
/// rising.
///
/// A COMMIT that fails with an I/O error is neither: the mark may be on disk. `GroupCommit` then
/// refuses all further work until the journal is opened again, which reads the truth off the log.
///
/// # How it changes
///
/// A version that was released is never changed: another one is added behind it (`Migration`). Each
/// is made in one transaction with its number, so that a process that dies leaves it whole or not
/// begun. `oldest` in `journal` is the oldest version whose Rekey may go on with what the last
/// migration left: one that only adds what an older Rekey need not know leaves it as it is, and the
/// older one can be put back. Whoever takes something away, or adds to what is in the JSON what an
/// older Rekey cannot read, raises it.
enum JournalSchema {
    /// `Rkey` in ASCII.
    static let applicationID: Int32 = 0x526B_6579

    /// The version that this Rekey writes.
    static var known: Int { migrations.count }

    /// Brings an empty or older journal to `known`, each migration whole or not at all.
    ///
    /// One that a newer Rekey left fit for this one stays as it is. `beforeCommit` is for tests,
    /// which end the process there.
    static func migrate(
        _ database: Database,
        at path: String,
        beforeCommit: (_ version: Int) -> Void = { _ in }
    ) throws {
        let found = try version(of: database, at: path)
        for (index, migration) in migrations.enumerated().dropFirst(found) {
            try database.inTransaction(.immediate) {
                try database.execute(sql: migration.statements)
                try database.execute(
                    sql: """
                        INSERT INTO journal (name, value) VALUES ('oldest', ?)
                        ON CONFLICT (name) DO UPDATE SET value = excluded.value
                        """,
                    arguments: [String(migration.oldest)]
                )
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(index + 1)")
                beforeCommit(index + 1)
                return .commit
            }
        }
    }

    /// The schema version that a file has: 0 for an empty one.
    ///
    /// Throws `newerSchema` for one that is not fit for this Rekey.
    static func version(of database: Database, at path: String) throws -> Int {
        let mark = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        guard mark == applicationID || (mark == 0 && found == 0 && tables == 0) else {
            throw JournalFailure.damaged("\(path) is a database, but not a journal of rekey")
        }
        guard try found <= known || oldest(of: database) <= known else {
            throw JournalFailure.newerSchema(found: found, known: known)
        }
        return found
    }

    /// The oldest version whose Rekey may go on with a journal that a newer one left.
    private static func oldest(of database: Database) throws -> Int {
        let sql = "SELECT CAST(value AS INTEGER) FROM journal WHERE name = 'oldest'"
        return try Int.fetchOne(database, sql: sql) ?? .max
    }
}
