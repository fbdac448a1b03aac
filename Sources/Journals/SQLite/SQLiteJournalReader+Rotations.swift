import Foundation
import GRDB
import JournalRecords
package import RekeyCore
package import RekeyPorts

/// Rotations, folded from what is written out of them and the events after it.
extension SQLiteJournalReader {
    package func rotation(_ id: RotationID) async throws(JournalFailure) -> Rotation? {
        if let known = memory?.rotations.rotation(id) { return known }
        return try await folded(
            "SELECT seq, id, state, state_number FROM rotations WHERE id = ?",
            [id.text]
        ).first
    }

    package func rotations(_ query: RotationQuery) async throws(JournalFailure) -> [Rotation] {
        let rows = """
            FROM rotations
            WHERE \(query.credential == nil ? "?1 IS NULL" : "credential = ?1")
            AND \(query.openOnly ? "is_open = 1" : "true")
            ORDER BY seq DESC LIMIT ?2
            """
        let arguments: StatementArguments = [query.credential?.text, max(query.limit, 0)]
        if let known = try await remembered("SELECT id " + rows, arguments) { return known }
        return try await folded("SELECT seq, id, state, state_number " + rows, arguments)
    }

    /// What `ids` selects, where all of it is in memory.
    private func remembered(
        _ ids: String,
        _ arguments: StatementArguments
    ) async throws(JournalFailure) -> [Rotation]? {
        guard let memory else { return nil }
        return try await read { database in
            let found = try String.fetchCursor(
                database.cachedStatement(sql: ids),
                arguments: arguments
            )
            var rotations: [Rotation] = []
            while let id = try found.next() {
                guard let known = memory.rotations.rotation(RotationID(id)) else { return nil }
                rotations.append(known)
            }
            return rotations
        }
    }

    package func sleepers(limit: Int) async throws(JournalFailure) -> [RotationID] {
        let (claims, bootSeconds) = (memory?.claims, clock.bootSeconds)
        return try await read { database in
            let found = try String.fetchCursor(database.cachedStatement(sql: Self.sleepersSQL))
            let free = found.map { RotationID($0) }.filter { id in
                claims?.isClaimed(id, at: bootSeconds) != true
            }
            return try Array(free.prefix(max(limit, 0)))
        }
    }

    /// Reads what `rows` selects with one statement, so that all of it is of one moment.
    private func folded(
        _ rows: String,
        _ arguments: StatementArguments
    ) async throws(JournalFailure) -> [Rotation] {
        try await read { database in
            let found = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT r.seq, r.id, r.state, r.state_number, e.event FROM (\(rows)) AS r
                        LEFT JOIN events AS e ON e.rotation = r.seq AND e.number > r.state_number
                        ORDER BY r.seq DESC, e.number
                        """
                ),
                arguments: arguments
            )
            var rotations: [Rotation] = []
            var last: Int64?
            while let row = try found.next() {
                let seq: Int64 = row[0]
                if seq != last { rotations += try self.beginning(row) }
                let isFirst = seq != last && row[3] == 0
                last = seq
                guard !isFirst, let event = row[4] as Data? else { continue }
                try rotations[rotations.count - 1].fold(
                    row: try JournalCoding.decode(RotationEvent.self, from: event)
                )
            }
            return rotations
        }
    }

    /// The state that is written out, or else the first event's.
    private func beginning(_ row: Row) throws -> [Rotation] {
        if row[3] > 0 { return [try Rotation(row: row[2])] }
        let id = RotationID(row[1])
        let event = try (row[4] as Data?).map {
            try JournalCoding.decode(RotationEvent.self, from: $0)
        }
        guard let rotation = event.flatMap({ Rotation(id, startingWith: $0) }) else {
            throw JournalFailure.damaged("\(path): rotation \(id) does not begin")
        }
        return [rotation]
    }

    private static let sleepersSQL = """
        SELECT id FROM rotations AS r
        WHERE is_open = 1
        AND NOT EXISTS (
            SELECT 1 FROM timers WHERE rotation = r.id AND lane <> '\(Lane.revocation)')
        AND id NOT IN (SELECT rotation FROM inbox WHERE rotation IS NOT NULL)
        AND id NOT IN (SELECT rotation FROM outbox WHERE rotation IS NOT NULL)
        ORDER BY seq
        """
}
