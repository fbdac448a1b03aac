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
/// - `journal`: its id, and its generation, which rises whenever it is opened.
/// - `rotations`: one row a rotation, for ever. `number` is how many events it has, `head` the
///   digest of the last, `is_open` whether it goes on. `state` is the JSON of the first
///   `state_number` events folded, so that a reader folds only those after it.
/// - `events`: the history. `event` is JSON with sorted members, and never rewritten; `digest` is
///   SHA-256 over the digest before it and these bytes (`AuditChain`). The rows are in the order
///   of commit, so that those of many rotations share pages. Each belongs to a row of `rotations`,
///   which the writer has just written: SQLite is not asked to look for it once more.
/// - `inbox`: what came and waits; `handled`: the (lane, event) of what was done and must not be
///   done again.
/// - `outbox`: what is to go, in the order of `seq`, which is the order of commit because there is
///   one writer; `announced`: the ids of announcements that went. Of what had to arrive none is
///   kept, for its rotation's number keeps it from coming again.
/// - `timers`, `credentials`, `debts`: the present, one row each, overwritten in place.
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
enum JournalSchema {
    /// `Rkey` in ASCII.
    static let applicationID: Int32 = 0x526B_6579

    /// The version that this Rekey writes.
    static var known: Int { migrations.count }

    /// Brings an empty or older journal to `known`, each migration whole or not at all.
    static func migrate(_ database: Database, at path: String) throws {
        let found = try version(of: database, at: path)
        for (index, statements) in migrations.enumerated().dropFirst(found) {
            try database.inTransaction(.immediate) {
                try database.execute(sql: statements)
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(index + 1)")
                return .commit
            }
        }
    }

    /// The schema version that a file has: 0 for an empty one.
    static func version(of database: Database, at path: String) throws -> Int {
        let mark = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        guard mark == applicationID || (mark == 0 && found == 0 && tables == 0) else {
            throw JournalFailure.damaged("\(path) is a database, but not a journal of rekey")
        }
        guard found <= known else {
            throw JournalFailure.newerSchema(found: found, known: known)
        }
        return found
    }

    private static let migrations = [
        """
        CREATE TABLE journal (
            name TEXT NOT NULL PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE rotations (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            credential TEXT NOT NULL,
            number INTEGER NOT NULL,
            is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
            state BLOB NOT NULL,
            state_number INTEGER NOT NULL,
            head BLOB NOT NULL
        ) STRICT;
        CREATE INDEX rotations_of_credential ON rotations (credential, seq);
        CREATE INDEX rotations_open ON rotations (seq) WHERE is_open = 1;

        CREATE TABLE events (
            rotation INTEGER NOT NULL REFERENCES rotations (seq),
            number INTEGER NOT NULL,
            event BLOB NOT NULL,
            digest BLOB NOT NULL,
            UNIQUE (rotation, number)
        ) STRICT;

        CREATE TABLE inbox (
            seq INTEGER PRIMARY KEY,
            lane TEXT NOT NULL,
            event TEXT NOT NULL,
            type TEXT NOT NULL,
            rotation TEXT,
            body BLOB NOT NULL,
            user_id TEXT,
            is_urgent INTEGER NOT NULL CHECK (is_urgent IN (0, 1)),
            received_at REAL NOT NULL,
            UNIQUE (lane, event)
        ) STRICT;

        CREATE TABLE handled (
            lane TEXT NOT NULL,
            event TEXT NOT NULL,
            at REAL NOT NULL,
            PRIMARY KEY (lane, event)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX handled_at ON handled (at);

        CREATE TABLE outbox (
            seq INTEGER PRIMARY KEY,
            event TEXT NOT NULL UNIQUE,
            type TEXT NOT NULL,
            rotation TEXT,
            body BLOB NOT NULL,
            must_arrive INTEGER NOT NULL CHECK (must_arrive IN (0, 1)),
            is_urgent INTEGER NOT NULL CHECK (is_urgent IN (0, 1)),
            created_at REAL NOT NULL
        ) STRICT;

        CREATE TABLE announced (
            event TEXT NOT NULL PRIMARY KEY,
            at REAL NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX announced_at ON announced (at);

        CREATE TABLE timers (
            rotation TEXT NOT NULL,
            lane TEXT NOT NULL,
            due_at REAL NOT NULL,
            is_urgent INTEGER NOT NULL CHECK (is_urgent IN (0, 1)),
            PRIMARY KEY (rotation, lane)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX timers_due ON timers (due_at, rotation, lane);

        CREATE TABLE credentials (
            id TEXT NOT NULL PRIMARY KEY,
            record BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE debts (
            credential TEXT NOT NULL,
            account TEXT NOT NULL,
            debt BLOB NOT NULL,
            is_paid INTEGER NOT NULL CHECK (is_paid IN (0, 1)),
            PRIMARY KEY (credential, account)
        ) STRICT, WITHOUT ROWID;
        """
    ]
}
