import Foundation
import GRDB
import JournalRecords
package import RekeyCore
package import RekeyPorts

/// Reads a journal's file over a connection that cannot write, while a Rekey may have it open.
///
/// It takes no lock and changes no byte of the journal; beside the file SQLite may make or touch
/// `-shm`, through which readers and the writer agree. Each call sees one state: the last commit.
package final class SQLiteJournalReader: AuditReader {
    /// The id of the journal that it reads.
    package let id: String
    let path: String
    let clock: any Clock
    /// Nil in a process that only reads.
    let memory: JournalMemory?
    private let queue: DatabaseQueue

    /// Opens the journal at `path`, which has to be there and of a schema fit for this Rekey.
    package static func open(
        path: String,
        clock: any Clock
    ) throws(JournalFailure) -> SQLiteJournalReader {
        guard FileManager.default.fileExists(atPath: path) else {
            throw .unavailable("\(path): there is no journal: has a worker run here?")
        }
        do {
            return try SQLiteJournalReader(path: path, clock: clock, memory: nil)
        } catch {
            throw JournalFailure(error, at: path)
        }
    }

    init(path: String, clock: any Clock, memory: JournalMemory?) throws {
        queue = try DatabaseQueue(path: path, configuration: JournalFile.reading)
        id = try queue.unsafeRead { database in
            let found = try JournalSchema.version(of: database, at: path)
            guard found >= JournalSchema.known else {
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
        self.memory = memory
    }

    /// The events of a rotation whose audit chain is whole; throws `damaged` where it is not.
    package func history(
        of rotation: RotationID
    ) async throws(JournalFailure) -> [HistoryEntry] {
        guard let trail = try await auditTrail(of: rotation) else { return [] }
        return try trail.history(at: path)
    }

    /// Closes the connection; later calls throw.
    package func close() throws(JournalFailure) {
        do { try queue.close() } catch { throw JournalFailure(error, at: path) }
    }

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
}

/// What the process that has the journal open knows beside the file.
struct JournalMemory: Sendable {
    let rotations: RotationCache
    let claims: ClaimTable
    let group: GroupCommit
}
