import Foundation
import GRDB
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
        case .append(let event): try append(event)
        case .credential(let id, let record):
            try database.run(
                """
                INSERT INTO credentials (id, record) VALUES (?, ?)
                ON CONFLICT (id) DO UPDATE SET record = excluded.record
                """,
                [id.text, record]
            )
        case .debt(let debt, let record):
            try database.run(
                """
                INSERT INTO debts (credential, account, debt, is_paid) VALUES (?, ?, ?, ?)
                ON CONFLICT (credential, account)
                DO UPDATE SET debt = excluded.debt, is_paid = excluded.is_paid
                """,
                [debt.credential.text, debt.account.text, record, debt.isPaid]
            )
        case .plain(let write): try apply(plain: write)
        }
    }

    private func apply(plain write: JournalWrite) throws {
        switch write {
        case .handled(let id): try markHandled(id)
        case .forget(let id):
            try database.run(
                "DELETE FROM inbox WHERE lane = ? AND event = ? AND handled_at IS NULL",
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
                (lane, event, type, rotation, body, user_id, is_urgent, received_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (lane, event) DO NOTHING
            """,
            [
                entry.id.lane, entry.id.event.text, entry.type.name, entry.rotation?.text,
                Data(entry.body), entry.userID, entry.isUrgent, entry.receivedAt.column,
            ]
        )
        return database.changesCount > 0
    }

    private func append(_ event: PreparedEvent) throws {
        let last = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT seq, number, head FROM rotations WHERE id = ?"
            ),
            arguments: [event.rotation.text]
        )
        let lastNumber: Int = last?["number"] ?? 0
        guard event.number == lastNumber + 1 else {
            throw JournalFailure.conflict(
                "rotation \(event.rotation) is at \(lastNumber), not \(event.number - 1)"
            )
        }
        let head: Data? = last?["head"]
        let digest = Data(
            AuditChain.next(
                after: head.map { [UInt8]($0) } ?? AuditChain.beginning(of: event.rotation),
                bytes: [UInt8](event.event)
            )
        )
        let rotation = try writeState(of: event, head: digest, to: last?["seq"])
        try database.run(
            "INSERT INTO events (rotation, number, event, digest) VALUES (?, ?, ?, ?)",
            [rotation, event.number, event.event, digest]
        )
    }

    /// Answers with the row that holds the rotation.
    private func writeState(
        of event: PreparedEvent,
        head: Data,
        to row: Int64?
    ) throws -> Int64 {
        if let row {
            try database.run(
                """
                UPDATE rotations
                SET number = ?, is_open = ?, head = ?
                WHERE seq = ?
                """,
                [event.number, event.isOpen, head, row]
            )
            if let state = event.state {
                try database.run(
                    "UPDATE rotations SET state = ?, state_number = ? WHERE seq = ?",
                    [state, event.number, row]
                )
            }
            return row
        }
        try database.run(
            """
            INSERT INTO rotations
                (id, credential, number, is_open, state, state_number, head)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                event.rotation.text, event.credential.text, event.number, event.isOpen,
                event.state ?? Data(), event.state == nil ? 0 : event.number, head,
            ]
        )
        return database.lastInsertedRowID
    }

    private func markHandled(_ id: InboxEntry.ID) throws {
        try database.run(
            """
            UPDATE inbox SET body = x'', handled_at = ?
            WHERE lane = ? AND event = ? AND handled_at IS NULL
            """,
            [now.column, id.lane, id.event.text]
        )
        guard database.changesCount == 0 else { return }
        // Forgotten by one worker and handled by another: its id is remembered all the same.
        try database.run(
            """
            INSERT INTO inbox (lane, event, type, body, is_urgent, received_at, handled_at)
            VALUES (?1, ?2, '', x'', 0, ?3, ?3)
            ON CONFLICT (lane, event) DO NOTHING
            """,
            [id.lane, id.event.text, now.column]
        )
    }

    private func enqueue(_ row: OutboxRow) throws {
        try database.run(
            """
            INSERT INTO outbox
                (event, type, rotation, body, must_arrive, is_urgent, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
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
            try database.run(
                "UPDATE outbox SET body = x'', sent_at = ? WHERE event = ? AND sent_at IS NULL",
                [now.column, event.text]
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
