package import Foundation
import GRDB
package import JournalRecords
package import RekeyCore
package import RekeyPorts

/// What lies in the journal row by row.
extension SQLiteJournalReader {
    package func inbox(limit: Int) async throws(JournalFailure) -> [InboxEntry] {
        try await rows(
            """
            SELECT lane, event, type, rotation, body, user_id, is_urgent, received_at, replayed_by
            FROM inbox ORDER BY is_urgent DESC, seq LIMIT ?
            """,
            [max(limit, 0)]
        ) { row in
            InboxEntry(
                id: InboxEntry.ID(lane: row[0], event: EventID(row[1])),
                type: EventType(row[2]),
                rotation: (row[3] as String?).map { RotationID($0) },
                body: [UInt8](row[4] as Data),
                userID: row[5],
                replayedBy: row[8],
                isUrgent: row[6],
                receivedAt: Date(column: row[7])
            )
        }
    }

    package func outbox(limit: Int) async throws(JournalFailure) -> [OutboxRow] {
        try await rows(
            """
            SELECT event, type, rotation, body, must_arrive, is_urgent, created_at FROM outbox
            ORDER BY seq LIMIT ?
            """,
            [max(limit, 0)]
        ) { row in
            OutboxRow(
                event: EventID(row[0]),
                type: EventType(row[1]),
                rotation: (row[2] as String?).map { RotationID($0) },
                body: [UInt8](row[3] as Data),
                mustArrive: row[4],
                isUrgent: row[5],
                createdAt: Date(column: row[6])
            )
        }
    }

    package func timers(
        dueAt date: Date,
        limit: Int
    ) async throws(JournalFailure) -> [JournalTimer] {
        try await rows(
            """
            SELECT rotation, lane, due_at, is_urgent FROM timers
            WHERE due_at <= ? ORDER BY is_urgent DESC, due_at, rotation, lane LIMIT ?
            """,
            [date.column, max(limit, 0)]
        ) { row in
            JournalTimer(
                rotation: RotationID(row[0]),
                lane: row[1],
                dueAt: Date(column: row[2]),
                isUrgent: row[3]
            )
        }
    }

    package func nextTimer() async throws(JournalFailure) -> Date? {
        try await rows("SELECT due_at FROM timers ORDER BY due_at LIMIT 1") { row in
            Date(column: row[0])
        }.first
    }

    package func credentials() async throws(JournalFailure) -> [CredentialRecord] {
        try await rows("SELECT record FROM credentials ORDER BY id") { row in
            try JournalCoding.decode(CredentialRecord.self, from: row[0])
        }
    }

    package func credential(
        _ id: CredentialID
    ) async throws(JournalFailure) -> CredentialRecord? {
        try await rows("SELECT record FROM credentials WHERE id = ?", [id.text]) { row in
            try JournalCoding.decode(CredentialRecord.self, from: row[0])
        }.first
    }

    package func debts(unpaidOnly: Bool) async throws(JournalFailure) -> [Debt] {
        try await rows(
            """
            SELECT debt FROM debts WHERE is_paid = 0 OR NOT ? ORDER BY credential, account
            """,
            [unpaidOnly]
        ) { row in
            try JournalCoding.decode(Debt.self, from: row[0])
        }
    }

    package func unpaidDebts(of id: CredentialID) async throws(JournalFailure) -> [Debt] {
        try await rows(
            "SELECT debt FROM debts WHERE credential = ? AND is_paid = 0 ORDER BY account",
            [id.text]
        ) { row in
            try JournalCoding.decode(Debt.self, from: row[0])
        }
    }

    package func counts() async throws(JournalFailure) -> JournalCounts {
        // Reading goes on where writing cannot: readiness asks this.
        if let end = memory?.group.end { throw end }
        return try await rows(
            """
            SELECT (SELECT count(*) FROM rotations WHERE is_open = 1),
                (SELECT count(*) FROM inbox),
                (SELECT count(*) FROM outbox),
                (SELECT min(created_at) FROM outbox),
                (SELECT count(*) FROM timers),
                (SELECT count(*) FROM debts WHERE is_paid = 0)
            """
        ) { row in
            JournalCounts(
                openRotations: row[0],
                waitingInbox: row[1],
                unsentOutbox: row[2],
                oldestUnsent: (row[3] as Double?).map { Date(column: $0) },
                timers: row[4],
                unpaidDebts: row[5]
            )
        }.first ?? JournalCounts()
    }

    /// A rotation's records as they lie in the journal, unchecked; nil where there is none such.
    package func auditTrail(
        of rotation: RotationID
    ) async throws(JournalFailure) -> AuditTrail? {
        // One statement, so that the records and the head are of one moment.
        let records = try await rows(
            """
            SELECT r.number, r.head, e.number, e.event, e.digest FROM rotations AS r
            LEFT JOIN events AS e ON e.rotation = r.seq WHERE r.id = ? ORDER BY e.number
            """,
            [rotation.text]
        ) { row in
            (
                number: row[0] as Int,
                head: [UInt8](row[1] as Data),
                record: (row[2] as Int?).map { number in
                    AuditRecord(
                        number: number,
                        bytes: [UInt8](row[3] as Data),
                        digest: [UInt8](row[4] as Data)
                    )
                }
            )
        }
        guard let (number, head, _) = records.first else { return nil }
        return AuditTrail(
            rotation: rotation,
            records: records.compactMap(\.record),
            lastNumber: number,
            head: head
        )
    }

    /// Every rotation's id, the oldest first, for an audit of the whole journal.
    package func rotationIDs() async throws(JournalFailure) -> [RotationID] {
        try await rows("SELECT id FROM rotations ORDER BY seq") { RotationID($0[0]) }
    }

    private func rows<Element: Sendable>(
        _ sql: String,
        _ arguments: StatementArguments = StatementArguments(),
        _ decode: @escaping @Sendable (Row) throws -> Element
    ) async throws(JournalFailure) -> [Element] {
        try await read { database in
            let found = try Row.fetchCursor(
                database.cachedStatement(sql: sql),
                arguments: arguments
            )
            return try Array(found.map { try decode($0) })
        }
    }
}
