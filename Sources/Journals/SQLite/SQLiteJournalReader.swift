import Foundation
import GRDB
package import RekeyCore
package import RekeyPorts

/// Reads a journal's file over a connection that cannot write, while a Rekey may have it open.
///
/// It takes no lock and changes no byte of the journal; beside the file SQLite may make or touch
/// `-shm`, through which readers and the writer agree. Each call sees one state: the last commit.
package final class SQLiteJournalReader: JournalReader {
    /// The id of the journal that it reads.
    package let id: String
    private let path: String
    private let clock: any Clock
    private let queue: DatabaseQueue
    private let cache = RotationCache()

    /// Opens the journal at `path`, which has to be there and of the schema that this Rekey knows.
    package static func open(
        path: String,
        clock: any Clock
    ) throws(JournalFailure) -> SQLiteJournalReader {
        guard FileManager.default.fileExists(atPath: path) else {
            throw .unavailable("\(path): there is no journal: has a worker run here?")
        }
        do {
            return try SQLiteJournalReader(path: path, clock: clock)
        } catch {
            throw JournalFailure(error, at: path)
        }
    }

    private init(path: String, clock: any Clock) throws {
        queue = try DatabaseQueue(path: path, configuration: JournalFile.reading)
        id = try queue.unsafeRead { database in
            let found = try JournalSchema.version(of: database, at: path)
            guard found == JournalSchema.known else {
                throw JournalFailure.unavailable(
                    "\(path): its schema \(found) is older than \(JournalSchema.known): "
                        + "start a worker, which brings it up to date"
                )
            }
            return try String.fetchOne(
                database,
                sql: "SELECT value FROM journal WHERE name = 'id'"
            ) ?? ""
        }
        self.path = path
        self.clock = clock
    }

    package func rotation(_ id: RotationID) async throws(JournalFailure) -> Rotation? {
        try await read { database in
            let number = try Int.fetchOne(
                database.cachedStatement(sql: "SELECT number FROM rotations WHERE id = ?"),
                arguments: [id.text]
            )
            guard let number else { return nil }
            if let known = self.cache.rotation(id, number: number) { return known }
            let state = try Data.fetchOne(
                database.cachedStatement(sql: "SELECT state FROM rotations WHERE id = ?"),
                arguments: [id.text]
            )
            guard let state else { return nil }
            let rotation = try self.decodeRotation(state)
            self.cache.keep(rotation)
            return rotation
        }
    }

    package func rotations(_ query: RotationQuery) async throws(JournalFailure) -> [Rotation] {
        try await read { database in
            let states = try Data.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT state FROM rotations
                        WHERE \(query.credential == nil ? "?1 IS NULL" : "credential = ?1")
                        AND \(query.openOnly ? "is_open = 1" : "true")
                        ORDER BY seq DESC LIMIT ?2
                        """
                ),
                arguments: [query.credential?.text, max(query.limit, 0)]
            )
            return try states.map { try self.decodeRotation($0) }
        }
    }

    /// The events of a rotation whose audit chain is whole; throws `damaged` where it is not.
    package func history(
        of rotation: RotationID
    ) async throws(JournalFailure) -> [HistoryEntry] {
        guard let trail = try await auditTrail(of: rotation) else { return [] }
        if let flaw = AuditChain.verify(trail) {
            throw .damaged("\(path): rotation \(rotation): \(flaw)")
        }
        do {
            return try trail.records.map { record in
                HistoryEntry(
                    number: record.number,
                    event: try JournalCoding.decode(
                        RotationEvent.self,
                        from: Data(record.bytes)
                    ),
                    digest: record.digest.hexadecimal
                )
            }
        } catch {
            throw JournalFailure(error, at: path)
        }
    }

    package func sleepers(limit: Int) async throws(JournalFailure) -> [RotationID] {
        let (bootID, bootSeconds) = (JournalFile.bootID, clock.bootSeconds)
        return try await read { database in
            let ids = try String.fetchAll(
                database.cachedStatement(sql: Self.sleepersSQL),
                arguments: [bootID, bootSeconds, max(limit, 0)]
            )
            return ids.map { RotationID($0) }
        }
    }

    /// Closes the connection; later calls throw.
    package func close() throws(JournalFailure) {
        do { try queue.close() } catch { throw JournalFailure(error, at: path) }
    }

    /// Spares the next reading of a rotation its decoding.
    ///
    /// Only what is committed may be given.
    func remember(_ rotation: Rotation) { cache.keep(rotation) }

    /// Runs `body` on the connection, without regard to cancellation.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(JournalFailure) -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { caller in
            queue.asyncUnsafeRead { access in
                caller.resume(
                    returning: access.flatMap { database in
                        Result { try body(database) }
                    }
                )
            }
        }
        do { return try result.get() } catch { throw JournalFailure(error, at: path) }
    }

    private func decodeRotation(_ state: Data) throws -> Rotation {
        try JournalCoding.decode(Rotation.self, from: state)
    }

    private static let sleepersSQL = """
        SELECT id FROM rotations AS r
        WHERE is_open = 1
        AND NOT EXISTS (
            SELECT 1 FROM claims
            WHERE rotation = r.id AND holder IS NOT NULL AND until_boot > ?2
            AND ?1 <> '' AND ?1 = (SELECT value FROM journal WHERE name = 'boot'))
        AND NOT EXISTS (SELECT 1 FROM timers WHERE rotation = r.id)
        AND id NOT IN (
            SELECT rotation FROM inbox WHERE handled_at IS NULL AND rotation IS NOT NULL)
        AND id NOT IN (
            SELECT rotation FROM outbox WHERE sent_at IS NULL AND rotation IS NOT NULL)
        ORDER BY seq LIMIT ?3
        """
}
