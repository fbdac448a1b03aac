import GRDB

/// What SQLite itself says of a journal's file.
struct JournalCheck {
    let integrity: String
    let brokenReferences: Int

    init(of path: String) throws {
        (integrity, brokenReferences) = try DatabaseQueue(path: path).read { database in
            (
                try String.fetchOne(database, sql: "PRAGMA integrity_check") ?? "",
                try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").count
            )
        }
    }
}
