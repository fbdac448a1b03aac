package import Foundation
package import JournalRecords
package import RekeyCore
package import RekeyPorts
import RekeyPostgres

/// What lies in the journal row by row.
extension PostgresJournalReader {
    /// A worker sees what it received itself, and what it took over from another that died.
    package func inbox(limit: Int) async throws(JournalFailure) -> [InboxEntry] {
        try await rows(
            own == nil ? "inbox.all" : "inbox.own",
            """
            SELECT lane, event, type, rotation, body, user_id, is_urgent, received_at, replayed_by
            FROM inbox WHERE \(own == nil ? "$2::text IS NULL" : "replica = $2::text")
            ORDER BY is_urgent DESC, seq LIMIT $1
            """,
            [.integer(max(limit, 0)), ownID]
        ) { row in
            guard let lane = row[0], let event = row[1], let type = row[2], let body = row[4],
                let receivedAt = row[7].flatMap({ Double($0) })
            else { return nil }
            return InboxEntry(
                id: InboxEntry.ID(lane: lane, event: EventID(event)),
                type: EventType(type),
                rotation: row[3].map { RotationID($0) },
                body: body.bytea,
                userID: row[5],
                replayedBy: row[8],
                isUrgent: row[6] == "t",
                receivedAt: Date(column: receivedAt)
            )
        }
    }

    /// A worker sees its own rows, but none that has to wait for another replica's earlier one of
    /// the same rotation.
    package func outbox(limit: Int) async throws(JournalFailure) -> [OutboxRow] {
        let isOwn = """
            o.replica = $2::text AND NOT EXISTS (
                SELECT 1 FROM outbox AS p
                WHERE p.rotation = o.rotation AND p.seq < o.seq AND p.replica <> $2::text)
            """
        return try await rows(
            own == nil ? "outbox.all" : "outbox.own",
            """
            SELECT event, type, rotation, body, must_arrive, is_urgent, created_at
            FROM outbox AS o WHERE \(own == nil ? "$2::text IS NULL" : isOwn)
            ORDER BY seq LIMIT $1
            """,
            [.integer(max(limit, 0)), ownID]
        ) { row in
            guard let event = row[0], let type = row[1], let body = row[3],
                let createdAt = row[6].flatMap({ Double($0) })
            else { return nil }
            return OutboxRow(
                event: EventID(event),
                type: EventType(type),
                rotation: row[2].map { RotationID($0) },
                body: body.bytea,
                mustArrive: row[4] == "t",
                isUrgent: row[5] == "t",
                createdAt: Date(column: createdAt)
            )
        }
    }

    package func timers(
        dueAt date: Date,
        limit: Int
    ) async throws(JournalFailure) -> [JournalTimer] {
        try await rows(
            "timers.due",
            """
            SELECT rotation, lane, due_at, is_urgent FROM timers
            WHERE due_at <= $1::double precision
            ORDER BY is_urgent DESC, due_at, rotation, lane LIMIT $2
            """,
            [.real(date.column), .integer(max(limit, 0))]
        ) { row in
            guard let id = row[0], let lane = row[1], let dueAt = row[2].flatMap({ Double($0) })
            else { return nil }
            return JournalTimer(
                rotation: RotationID(id),
                lane: lane,
                dueAt: Date(column: dueAt),
                isUrgent: row[3] == "t"
            )
        }
    }

    package func nextTimer() async throws(JournalFailure) -> Date? {
        try await rows("timers.next", "SELECT due_at FROM timers ORDER BY due_at LIMIT 1", []) {
            $0[0].flatMap { Double($0) }.map { Date(column: $0) }
        }.first
    }

    package func credentials() async throws(JournalFailure) -> [CredentialRecord] {
        try await rows("credentials", "SELECT record FROM credentials ORDER BY id", []) {
            Self.decoded(CredentialRecord.self, $0[0])
        }
    }

    package func credential(
        _ id: CredentialID
    ) async throws(JournalFailure) -> CredentialRecord? {
        try await rows(
            "credential",
            "SELECT record FROM credentials WHERE id = $1::text",
            [.text(id.text)]
        ) { Self.decoded(CredentialRecord.self, $0[0]) }.first
    }

    package func debts(unpaidOnly: Bool) async throws(JournalFailure) -> [Debt] {
        try await rows(
            "debts",
            """
            SELECT debt FROM debts WHERE NOT is_paid OR NOT $1::boolean
            ORDER BY credential, account
            """,
            [.boolean(unpaidOnly)]
        ) { Self.decoded(Debt.self, $0[0]) }
    }

    package func unpaidDebts(of id: CredentialID) async throws(JournalFailure) -> [Debt] {
        try await rows(
            "unpaidDebts",
            """
            SELECT debt FROM debts WHERE credential = $1::text AND NOT is_paid ORDER BY account
            """,
            [.text(id.text)]
        ) { Self.decoded(Debt.self, $0[0]) }
    }

    package func counts() async throws(JournalFailure) -> JournalCounts {
        try await rows(
            "counts",
            """
            SELECT (SELECT count(*) FROM rotations WHERE is_open),
                (SELECT count(*) FROM inbox), (SELECT count(*) FROM outbox),
                (SELECT min(created_at) FROM outbox), (SELECT count(*) FROM timers),
                (SELECT count(*) FROM debts WHERE NOT is_paid)
            """,
            []
        ) { row in
            let counts = row.map { $0.flatMap { Int($0) } ?? 0 }
            return JournalCounts(
                openRotations: counts[0],
                waitingInbox: counts[1],
                unsentOutbox: counts[2],
                oldestUnsent: row[3].flatMap { Double($0) }.map { Date(column: $0) },
                timers: counts[4],
                unpaidDebts: counts[5]
            )
        }.first ?? JournalCounts()
    }

    package func auditTrail(
        of rotation: RotationID
    ) async throws(JournalFailure) -> AuditTrail? {
        // One statement, so that the records and the head are of one moment.
        let records = try await rows(
            "rotation.trail",
            """
            SELECT r.number, r.head, e.number, e.event, e.digest FROM rotations AS r
            LEFT JOIN events AS e ON e.rotation = r.seq WHERE r.id = $1::text ORDER BY e.number
            """,
            [.text(rotation.text)]
        ) { row in
            let record = row[2].flatMap { Int($0) }.map { number in
                AuditRecord(
                    number: number,
                    bytes: row[3]?.bytea ?? [],
                    digest: row[4]?.bytea ?? []
                )
            }
            return (
                number: row[0].flatMap { Int($0) } ?? 0,
                head: row[1]?.bytea ?? [],
                record: record
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

    package func rotationIDs() async throws(JournalFailure) -> [RotationID] {
        try await rows("rotations.ids", "SELECT id FROM rotations ORDER BY seq", []) {
            $0[0].map { RotationID($0) }
        }
    }

    private var ownID: PostgresValue { own.map { .text($0.id) } ?? .null }

    /// Decodes every row, or says that the journal is damaged.
    private func rows<Element>(
        _ name: String,
        _ sql: String,
        _ parameters: [PostgresValue],
        _ decode: ([String?]) -> Element?
    ) async throws(JournalFailure) -> [Element] {
        var elements: [Element] = []
        for row in try await read([PostgresCall(name, sql, parameters)])[0] {
            guard let element = decode(row) else { throw damaged("\(name) does not decode") }
            elements.append(element)
        }
        return elements
    }

    private static func decoded<Value: Decodable>(
        _ type: Value.Type,
        _ text: String?
    ) -> Value? {
        text.flatMap { try? JournalCoding.decode(type, from: Data($0.bytea)) }
    }
}
