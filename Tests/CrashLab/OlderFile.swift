import GRDB

/// A journal's file as a Rekey of the first format would have it.
///
/// What has been added since is taken out; the tests of the journal hold the tables of that time.
enum OlderFile {
    static func make(of path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    ALTER TABLE inbox DROP COLUMN replayed_by;
                    DELETE FROM journal WHERE name = 'oldest';
                    PRAGMA user_version = 1;
                    """
            )
        }
        try queue.close()
    }
}
