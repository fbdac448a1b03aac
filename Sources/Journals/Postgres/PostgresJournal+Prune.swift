package import Foundation
import JournalRecords
package import RekeyPorts
import RekeyPostgres

extension PostgresJournal {
    /// A connection of its own: the writer's is in the midst of a transaction at nearly any time.
    package func prune(
        before date: Date,
        limit: Int
    ) async throws(JournalFailure) -> Int {
        let connection = try await session.open(.writing)
        let parameters = [PostgresValue.real(date.column), .integer(max(limit, 0))]
        let rows: [[String?]]
        do throws(PostgresFailure) {
            rows = try await connection.perform { (link) throws(PostgresFailure) in
                try link.query(Self.pruning, parameters)
            }
        } catch {
            await connection.close()
            throw JournalFailure(error, at: session.settings.place)
        }
        await connection.close()
        guard let count = rows.first?.first?.flatMap({ Int($0) }) else {
            throw .damaged("\(session.settings.place): a deletion answered no count")
        }
        return count
    }

    private static let pruning = """
        WITH forgotten AS (
            DELETE FROM handled WHERE (lane, event) IN (
                SELECT lane, event FROM handled WHERE at < $1::double precision
                ORDER BY at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
            RETURNING 1
        ), silenced AS (
            DELETE FROM announced WHERE event IN (
                SELECT event FROM announced WHERE at < $1::double precision
                ORDER BY at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM forgotten) + (SELECT count(*) FROM silenced)
        """
}
