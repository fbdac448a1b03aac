extension JournalSchema {
    /// What one version adds to the one before.
    struct Migration: Sendable {
        /// What is made, in one transaction.
        let statements: String
        /// The oldest version whose Rekey may go on with what this leaves.
        let oldest: Int
    }

    /// In their order; one that was released is never changed.
    static let migrations = [
        Migration(
            statements: """
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
                """,
            oldest: 1
        ),
        // Who published a parked event again.
        Migration(
            statements: "ALTER TABLE inbox ADD COLUMN replayed_by TEXT",
            oldest: 1
        ),
    ]
}
