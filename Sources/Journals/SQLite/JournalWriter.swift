import Foundation
import GRDB
import JournalRecords
import RekeyCore
import RekeyPorts

/// Changes the tables, inside a transaction that somebody else began.
///
/// What throws a `JournalFailure` leaves the tables to be rolled back by the caller.
struct JournalWriter {
    let database: Database
    /// For the marks of handled and sent rows, by which they are pruned.
    let now: Date

    func apply(_ write: PreparedWrite) throws {
        switch write {
        case .append(let events): try append(events)
        case .credential(let record, let bytes): try replace(record, bytes)
        case .debt(let debt, let bytes):
            try database.run(
                """
                INSERT INTO debts (credential, account, debt, is_paid) VALUES (?, ?, ?, ?)
                ON CONFLICT (credential, account)
                DO UPDATE SET debt = excluded.debt, is_paid = excluded.is_paid
                """,
                [debt.credential.text, debt.account.text, bytes, debt.isPaid]
            )
        case .plain(let write): try apply(plain: write)
        }
    }

    private func apply(plain write: JournalWrite) throws {
        switch write {
        case .handled(let id): try markHandled(id)
        case .forget(let id):
            try database.run(
                "DELETE FROM inbox WHERE lane = ? AND event = ?",
                [id.lane, id.event.text]
            )
        case .enqueue(let row): try enqueue(row)
        case .sent(let events): try markSent(events)
        case .arm(let timer): try arm(timer)
        case .disarm(let rotation, let lane):
            try database.run(
                "DELETE FROM timers WHERE rotation = ? AND lane = ?",
                [rotation.text, lane]
            )
        case .append, .credential, .debt:
            preconditionFailure("a write with a record is prepared")
        }
    }

    /// Puts an entry into the inbox; false where its lane has it already, handled or not.
    func receive(_ entry: InboxEntry) throws -> Bool {
        try database.run(
            """
            INSERT INTO inbox
                (lane, event, type, rotation, body, user_id, is_urgent, received_at, replayed_by)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
            WHERE NOT EXISTS (SELECT 1 FROM handled WHERE lane = ?1 AND event = ?2)
            ON CONFLICT (lane, event) DO NOTHING
            """,
            [
                entry.id.lane, entry.id.event.text, entry.type.name, entry.rotation?.text,
                Data(entry.body), entry.userID, entry.isUrgent, entry.receivedAt.column,
                entry.replayedBy,
            ]
        )
        return database.changesCount > 0
    }

    private func append(_ appended: PreparedEvents) throws {
        let last = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT seq, number, head FROM rotations WHERE id = ?"
            ),
            arguments: [appended.rotation.text]
        )
        var number: Int = last?["number"] ?? 0
        var head =
            (last?["head"] as Data?).map { [UInt8]($0) }
            ?? AuditChain.beginning(of: appended.rotation)
        var digests: [Data] = []
        for (next, event) in zip(appended.numbers, appended.events) {
            guard next == number + 1 else {
                throw JournalFailure.conflict(
                    "rotation \(appended.rotation) is at \(number), not \(next - 1)"
                )
            }
            number = next
            head = AuditChain.next(after: head, bytes: [UInt8](event))
            digests.append(Data(head))
        }
        let rotation = try writeRow(of: appended, number, head: Data(head), to: last?["seq"])
        for index in appended.events.indices {
            try database.run(
                "INSERT INTO events (rotation, number, event, digest) VALUES (?, ?, ?, ?)",
                [rotation, appended.numbers[index], appended.events[index], digests[index]]
            )
        }
    }

    /// Answers with the row that holds the rotation.
    private func writeRow(
        of appended: PreparedEvents,
        _ number: Int,
        head: Data,
        to row: Int64?
    ) throws -> Int64 {
        guard let row else {
            try database.run(
                """
                INSERT INTO rotations
                    (id, credential, number, is_open, state, state_number, head)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    appended.rotation.text, appended.credential.text, number, appended.isOpen,
                    appended.state ?? Data(), appended.state == nil ? 0 : number, head,
                ]
            )
            return database.lastInsertedRowID
        }
        if let state = appended.state {
            try database.run(
                """
                UPDATE rotations
                SET number = ?1, is_open = ?2, head = ?3, state = ?4, state_number = ?1
                WHERE seq = ?5
                """,
                [number, appended.isOpen, head, state, row]
            )
        } else {
            try database.run(
                "UPDATE rotations SET number = ?, is_open = ?, head = ? WHERE seq = ?",
                [number, appended.isOpen, head, row]
            )
        }
        return row
    }

    /// Throws `conflict` where the record was made of another than the one that is there, or that
    /// one cannot be read.
    private func replace(_ record: CredentialRecord, _ bytes: Data) throws {
        try database.run(
            """
            INSERT INTO credentials (id, record)
            SELECT ?1, ?2
            WHERE ?3 = 0 OR EXISTS (SELECT 1 FROM credentials WHERE id = ?1)
            ON CONFLICT (id) DO UPDATE SET record = excluded.record
            WHERE ?3 = CASE WHEN json_valid(CAST(credentials.record AS TEXT)) THEN
                coalesce(json_extract(CAST(credentials.record AS TEXT), '$.revision'), 0) END
            """,
            [record.id.text, bytes, record.revision ?? 0]
        )
        guard database.changesCount > 0 else {
            throw JournalFailure.conflict(
                "credential \(record.id) is no more at revision \(record.revision ?? 0)"
            )
        }
    }

    private func markHandled(_ id: InboxEntry.ID) throws {
        try database.run(
            "DELETE FROM inbox WHERE lane = ? AND event = ?",
            [id.lane, id.event.text]
        )
        // Forgotten by one worker and handled by another: its id is remembered all the same.
        try database.run(
            "INSERT INTO handled (lane, event, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [id.lane, id.event.text, now.column]
        )
    }

    private func enqueue(_ row: OutboxRow) throws {
        try database.run(
            """
            INSERT INTO outbox
                (event, type, rotation, body, must_arrive, is_urgent, created_at)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
            WHERE ?5 OR NOT EXISTS (SELECT 1 FROM announced WHERE event = ?1)
            ON CONFLICT (event) DO NOTHING
            """,
            [
                row.event.text, row.type.name, row.rotation?.text, Data(row.body),
                row.mustArrive, row.isUrgent, row.createdAt.column,
            ]
        )
    }

    private func markSent(_ events: [EventID]) throws {
        for event in events {
            let mustArrive = try Bool.fetchOne(
                database.cachedStatement(
                    sql: "DELETE FROM outbox WHERE event = ? RETURNING must_arrive"
                ),
                arguments: [event.text]
            )
            guard mustArrive == false else { continue }
            try database.run(
                "INSERT INTO announced (event, at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [event.text, now.column]
            )
        }
    }

    private func arm(_ timer: JournalTimer) throws {
        try database.run(
            """
            INSERT INTO timers (rotation, lane, due_at, is_urgent) VALUES (?, ?, ?, ?)
            ON CONFLICT (rotation, lane)
            DO UPDATE SET due_at = excluded.due_at, is_urgent = excluded.is_urgent
            """,
            [timer.rotation.text, timer.lane, timer.dueAt.column, timer.isUrgent]
        )
    }
}
