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
    /// What is known of rotations from earlier commits.
    let rows: RotationRows

    /// Returns where the rotations then are, for `RotationRows` once that is durable.
    func apply(_ writes: [PreparedWrite]) throws -> [RotationRows.Place] {
        var places: [RotationRows.Place] = []
        for write in writes {
            if case .append(let events) = write {
                places.append(try append(events))
            } else {
                try apply(write)
            }
        }
        return places
    }

    private func apply(_ write: PreparedWrite) throws {
        switch write {
        case .append: preconditionFailure("events have a place")
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
        case .waiting(let id): try check(id)
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

    private func append(_ appended: PreparedEvents) throws -> RotationRows.Place {
        if let known = rows.place(of: appended.rotation), appended.follows(known.number) {
            let next = place(after: known.head, appended, in: known.row)
            if try move(to: next, from: known.number, appended) {
                try insert(appended, next)
                return next.place
            }
        }
        let last = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT seq, number, head FROM rotations WHERE id = ?"
            ),
            arguments: [appended.rotation.text]
        )
        let number: Int = last?["number"] ?? 0
        guard appended.follows(number) else {
            throw JournalFailure.conflict(
                "rotation \(appended.rotation) is at \(number), not \(appended.numbers[0] - 1)"
            )
        }
        guard let last else { return try begin(appended) }
        let next = place(after: [UInt8](last["head"] as Data), appended, in: last["seq"])
        guard try move(to: next, from: number, appended) else {
            throw JournalFailure.conflict("rotation \(appended.rotation) was written meanwhile")
        }
        try insert(appended, next)
        return next.place
    }

    /// The digests of the events, and where the rotation is after them.
    private typealias Next = (place: RotationRows.Place, digests: [Data])

    private func place(after head: [UInt8], _ appended: PreparedEvents, in row: Int64) -> Next {
        var head = head
        let digests = appended.events.map { event in
            head = AuditChain.next(after: head, bytes: [UInt8](event))
            return Data(head)
        }
        let place = RotationRows.Place(
            rotation: appended.rotation,
            row: row,
            number: appended.numbers[appended.numbers.count - 1],
            head: head,
            isOpen: appended.isOpen
        )
        return (place, digests)
    }

    /// Makes the row of a rotation, with its first events.
    private func begin(_ appended: PreparedEvents) throws -> RotationRows.Place {
        let head = AuditChain.beginning(of: appended.rotation)
        var next = place(after: head, appended, in: 0)
        try database.run(
            """
            INSERT INTO rotations
                (id, credential, number, is_open, state, state_number, head)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                appended.rotation.text, appended.credential.text, next.place.number,
                appended.isOpen, appended.state ?? Data(),
                appended.state == nil ? 0 : next.place.number, Data(next.place.head),
            ]
        )
        next.place.row = database.lastInsertedRowID
        try insert(appended, next)
        return next.place
    }

    /// Answers false where the row is not at the number that it is to be moved from.
    private func move(
        to next: Next,
        from number: Int,
        _ appended: PreparedEvents
    ) throws -> Bool {
        let (place, head) = (next.place, next.digests.last ?? Data(next.place.head))
        if let state = appended.state {
            try database.run(
                """
                UPDATE rotations
                SET number = ?1, is_open = ?2, head = ?3, state = ?4, state_number = ?1
                WHERE seq = ?5 AND number = ?6
                """,
                [place.number, place.isOpen, head, state, place.row, number]
            )
        } else {
            try database.run(
                """
                UPDATE rotations SET number = ?, is_open = ?, head = ?
                WHERE seq = ? AND number = ?
                """,
                [place.number, place.isOpen, head, place.row, number]
            )
        }
        return database.changesCount > 0
    }

    private func insert(_ appended: PreparedEvents, _ next: Next) throws {
        for index in appended.events.indices {
            try database.run(
                "INSERT INTO events (rotation, number, event, digest) VALUES (?, ?, ?, ?)",
                [
                    next.place.row, appended.numbers[index], appended.events[index],
                    next.digests[index],
                ]
            )
        }
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
        guard database.changesCount > 0 else { throw JournalFailure.gone(id.description) }
        try database.run(
            "INSERT INTO handled (lane, event, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [id.lane, id.event.text, now.column]
        )
    }

    private func check(_ id: InboxEntry.ID) throws {
        let found = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT 1 FROM inbox WHERE lane = ? AND event = ?"),
            arguments: [id.lane, id.event.text]
        )
        guard found != nil else { throw JournalFailure.gone(id.description) }
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

extension PreparedEvents {
    /// Whether its events are the next ones of a rotation that has so many.
    fileprivate func follows(_ number: Int) -> Bool {
        numbers.enumerated().allSatisfy { $1 == number + 1 + $0 }
    }
}
