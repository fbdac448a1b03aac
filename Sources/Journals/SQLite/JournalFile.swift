import Foundation
import GRDB
import GRDBSQLite
import RekeyPlatform
import RekeyPorts

/// How the journal's file is made and opened.
enum JournalFile {
    /// How long to wait for somebody else's lock, such as a backup's, in seconds.
    static let busySeconds = 5.0

    /// How long the log may get before it is copied into the file, in pages of 4 KiB.
    ///
    /// Eight times SQLite's own: a page that changes often is then copied less often.
    static let checkpointPages = 8_000

    /// How much of the file the writer keeps in memory, at most.
    static let cacheKiB = 8_192

    /// What is kept of a log that grew longer; it is emptied when the journal is closed.
    static let logByteLimit = 32 << 20

    static func writing(_ path: String, pageLimit: Int?) -> Configuration {
        var configuration = Configuration()
        configuration.label = "journal"
        configuration.busyMode = .timeout(busySeconds)
        configuration.foreignKeysEnabled = false
        // A ROLLBACK that fails leaves one open: GroupCommit then refuses to go on.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            // Before anything is changed in what may be another program's file.
            _ = try JournalSchema.version(of: database, at: path)
            try database.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA secure_delete = FAST;
                    PRAGMA wal_autocheckpoint = \(checkpointPages);
                    PRAGMA journal_size_limit = \(logByteLimit);
                    PRAGMA cache_size = -\(cacheKiB);
                    """
            )
            if let pageLimit {
                try database.execute(sql: "PRAGMA max_page_count = \(pageLimit)")
            }
            try keepLog(of: database)
        }
        return configuration
    }

    static var reading: Configuration {
        var configuration = Configuration()
        configuration.label = "journal reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(busySeconds)
        return configuration
    }

    /// Takes the lock beside the journal, without which nobody writes it.
    static func lock(_ path: String) throws -> FileLock {
        guard let lock = try FileLock.take(path + ".lock") else {
            throw JournalFailure.held(
                "another rekey has \(path) open: stop it, or give this one a journal of its own"
            )
        }
        return lock
    }

    /// SQLite would make the file readable to all.
    static func createIfAbsent(_ path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        let isMade = FileManager.default.createFile(
            atPath: path,
            contents: nil,
            attributes: [.posixPermissions: 0o600]
        )
        guard isMade else {
            throw JournalFailure.unavailable("\(path): cannot be made: does its folder exist?")
        }
    }

    /// Migrates, begins a new generation of claims, and answers with it and the journal's id.
    static func prepare(
        _ database: Database,
        at path: String
    ) throws -> (id: String, generation: Int64) {
        try JournalSchema.migrate(database, at: path)
        var (id, generation) = ("", Int64(0))
        try database.inTransaction(.immediate) {
            try database.run(
                "INSERT INTO journal (name, value) VALUES ('id', ?) ON CONFLICT DO NOTHING",
                [UUID().uuidString.lowercased()]
            )
            try database.run(
                """
                INSERT INTO journal (name, value) VALUES ('generation', '1')
                ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1
                """
            )
            id = try value(of: "id", in: database)
            generation = Int64(try value(of: "generation", in: database)) ?? 0
            return .commit
        }
        return (id, generation)
    }

    private static func value(of name: String, in database: Database) throws -> String {
        let sql = "SELECT value FROM journal WHERE name = ?"
        return try String.fetchOne(database, sql: sql, arguments: [name]) ?? ""
    }

    /// Leaves the `-wal` and `-shm` files when the journal is closed, so that a reader who may not
    /// write in the folder can still open it (<https://www.sqlite.org/wal.html#readonly>).
    private static func keepLog(of database: Database) throws {
        var on: CInt = 1
        let code = unsafe sqlite3_file_control(
            database.sqliteConnection,
            "main",
            SQLITE_FCNTL_PERSIST_WAL,
            &on
        )
        guard code == SQLITE_OK else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code))
        }
    }
}
