import Foundation
import JournalRecords
package import RekeyCore
package import RekeyPorts
import RekeyPostgres

/// Reads a journal in PostgreSQL over a connection that does not write.
package final class PostgresJournalReader: AuditReader {
    /// The id of the journal that it reads.
    package let id: String
    let settings: PostgresJournalSettings
    /// Nil in a process that only reads, which sees the rows of all replicas.
    let own: JournalReplica?
    private let link: ReadingLink

    /// Opens the journal, which has to be there and of a schema fit for this Rekey.
    package static func open(
        _ settings: PostgresJournalSettings
    ) async throws(JournalFailure) -> PostgresJournalReader {
        let session = JournalSession(settings: settings)
        let connection = try await session.open(.reading)
        let (schema, place) = (settings.schema, settings.place)
        let found: Result<(version: Int, id: String), JournalFailure>
        do throws(PostgresFailure) {
            found = try await connection.perform { (link) throws(PostgresFailure) in
                let version = try JournalSchema.version(link, schema: schema, at: place)
                guard case .success(JournalSchema.known...) = version else {
                    return version.map { ($0, "") }
                }
                let rows = try link.query("SELECT value FROM journal WHERE name = 'id'")
                return version.map { ($0, rows.first?.first.flatMap(\.self) ?? "") }
            }
        } catch {
            throw JournalFailure(error, at: place)
        }
        await connection.close()
        let (version, id) = try found.get()
        guard version > 0 else {
            throw .unavailable("\(place): there is no journal: has a worker run here?")
        }
        guard version >= JournalSchema.known else {
            throw .unavailable(
                "\(place): its schema \(version) is older than \(JournalSchema.known): "
                    + "start a worker, which brings it up to date"
            )
        }
        return PostgresJournalReader(id: id, session, nil)
    }

    init(id: String, _ session: JournalSession, _ own: JournalReplica?) {
        self.id = id
        settings = session.settings
        self.own = own
        link = ReadingLink(session)
    }

    /// The events of a rotation whose audit chain is whole; throws `damaged` where it is not.
    package func history(
        of rotation: RotationID
    ) async throws(JournalFailure) -> [HistoryEntry] {
        guard let trail = try await auditTrail(of: rotation) else { return [] }
        return try trail.history(at: settings.place)
    }

    /// Closes the connection; a later call opens another.
    package func close() async { await link.close() }

    /// The rows of each call, each read by itself.
    func read(_ calls: [PostgresCall]) async throws(JournalFailure) -> [[[String?]]] {
        try await link.read(calls)
    }

    func damaged(_ what: String) -> JournalFailure { .damaged("\(settings.place): \(what)") }
}

/// What a worker that has the journal open knows beside the tables.
struct JournalReplica: Sendable {
    let id: String
    let rotations: RotationCache
}
