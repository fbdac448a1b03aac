import Foundation
import JournalRecords
package import RekeyCore
package import RekeyPorts
import RekeyPostgres

/// Rotations, folded from what is in memory or written out of them and the events after it.
extension PostgresJournalReader {
    package func rotation(_ id: RotationID) async throws(JournalFailure) -> Rotation? {
        try await rotations([id]).first
    }

    package func rotations(_ query: RotationQuery) async throws(JournalFailure) -> [Rotation] {
        // Each form is a statement of its own, so that each gets the index that serves it.
        let ofCredential = query.credential == nil ? "$1::text IS NULL" : "credential = $1::text"
        let isOpen = query.openOnly ? "is_open" : "true"
        let name =
            "rotations.list" + (query.credential == nil ? "" : ".credential")
            + (query.openOnly ? ".open" : "")
        let found = try await read([
            PostgresCall(
                name,
                """
                SELECT id, number FROM rotations WHERE \(ofCredential) AND \(isOpen)
                ORDER BY seq DESC LIMIT $2
                """,
                [
                    query.credential.map { .text($0.text) } ?? .null,
                    .integer(max(query.limit, 0)),
                ]
            )
        ])
        let listed = found[0].compactMap { row in
            row[0].map { (id: RotationID($0), number: row[1].flatMap { Int($0) }) }
        }
        let known = listed.map { row in
            own?.rotations.rotation(row.id).flatMap { $0.number == row.number ? $0 : nil }
        }
        let unknown = zip(listed, known).filter { $1 == nil }.map(\.0.id)
        var read: [RotationID: Rotation] = [:]
        for rotation in try await rotations(unknown) { read[rotation.id] = rotation }
        return zip(listed, known).compactMap { $1 ?? read[$0.id] }
    }

    package func sleepers(limit: Int) async throws(JournalFailure) -> [RotationID] {
        let parameters = [PostgresValue.integer(max(limit, 0)), settings.claimTime]
        let found = try await read([
            PostgresCall("rotations.sleeping", Self.sleepersSQL, parameters)
        ])
        return found[0].compactMap { row in row[0].map { RotationID($0) } }
    }

    /// Reads those that are there, all in one message.
    private func rotations(_ ids: [RotationID]) async throws(JournalFailure) -> [Rotation] {
        guard !ids.isEmpty else { return [] }
        let known = ids.map { own?.rotations.rotation($0) }
        let calls = zip(ids, known).map { id, known in
            PostgresCall(
                "rotation.read",
                Self.rotationSQL,
                [.text(id.text), .integer(known?.number ?? 0)]
            )
        }
        var rotations: [Rotation] = []
        for ((id, known), rows) in zip(zip(ids, known), try await read(calls)) where !rows.isEmpty {
            let rotation = try folded(id, known, rows)
            own?.rotations.keep(rotation)
            rotations.append(rotation)
        }
        return rotations
    }

    private func folded(
        _ id: RotationID,
        _ known: Rotation?,
        _ rows: [[String?]]
    ) throws(JournalFailure) -> Rotation {
        var rotation = known
        for row in rows {
            guard let number = row[0].flatMap({ Int($0) }) else { continue }
            if let known, number < known.number {
                throw damaged("rotation \(id) went back from \(known.number) to \(number)")
            }
            do {
                if let state = row[1], rotation == known {
                    rotation = try Rotation(row: Data(state.bytea))
                }
                guard let bytes = row[2]?.bytea else { continue }
                let event = try JournalCoding.decode(RotationEvent.self, from: Data(bytes))
                if rotation == nil {
                    rotation = Rotation(id, startingWith: event)
                } else {
                    try rotation?.fold(row: event)
                }
            } catch {
                throw damaged("rotation \(id): a record does not decode")
            }
        }
        guard let rotation else { throw damaged("rotation \(id) does not begin") }
        return rotation
    }

    /// The state that is written out goes with the first row only.
    private static let rotationSQL = """
        SELECT r.number,
            CASE WHEN r.state_number > $2::integer
                AND coalesce(e.number, r.state_number + 1) = r.state_number + 1 THEN r.state END,
            e.event
        FROM rotations AS r LEFT JOIN events AS e
            ON e.rotation = r.seq AND e.number > greatest(r.state_number, $2::integer)
        WHERE r.id = $1::text ORDER BY e.number
        """

    private static let sleepersSQL = """
        SELECT r.id FROM rotations AS r
        WHERE r.is_open
        AND NOT EXISTS (
            SELECT 1 FROM timers AS t WHERE t.rotation = r.id AND t.lane <> '\(Lane.revocation)')
        AND NOT EXISTS (SELECT 1 FROM inbox AS i WHERE i.rotation = r.id)
        AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.rotation = r.id)
        AND NOT EXISTS (
            SELECT 1 FROM claims AS c WHERE c.rotation = r.id AND c.holder IS NOT NULL
            AND c.until > coalesce($2::double precision, extract(epoch FROM clock_timestamp())))
        ORDER BY r.seq LIMIT $1
        """
}
