import Foundation
import JournalRecords
import RekeyCore
import RekeyPorts
import RekeyPostgres

/// What goes into the inbox and the outbox, and out of them.
extension GroupChanges {
    /// Another worker that received the same entry meanwhile makes this fail: it is then found
    /// there when the transaction is made again.
    var receiveCall: PostgresCall {
        PostgresCall(
            "inbox.add",
            """
            INSERT INTO inbox
                (lane, event, type, rotation, body, user_id, is_urgent, received_at, replayed_by,
                replica)
            SELECT lane, event, type, rotation, body, user_id, is_urgent, received_at, replayed_by,
                $9::text
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[],
                $7::boolean[], $8::double precision[], $10::text[]) WITH ORDINALITY
                AS u (lane, event, type, rotation, body, user_id, is_urgent, received_at,
                    replayed_by, place)
            WHERE NOT EXISTS (
                SELECT 1 FROM handled AS h WHERE h.lane = u.lane AND h.event = u.event)
            ORDER BY place
            """,
            [
                .texts(received.map(\.id.lane)), .texts(received.map(\.id.event.text)),
                .texts(received.map(\.type.name)),
                .array(received.map { $0.rotation.map { .text($0.text) } ?? .null }),
                .array(received.map { .bytes($0.body) }),
                .array(received.map { $0.userID.map { .text($0) } ?? .null }),
                .array(received.map { .boolean($0.isUrgent) }),
                .array(received.map { .real($0.receivedAt.column) }), .text(replica),
                .array(received.map { $0.replayedBy.map { .text($0) } ?? .null }),
            ]
        )
    }

    var inboxCalls: [PostgresCall] {
        var calls: [PostgresCall] = []
        if !leaving.isEmpty {
            let ids = leaving.sorted { ($0.lane, $0.event.text) < ($1.lane, $1.event.text) }
            calls.append(
                PostgresCall(
                    "inbox.drop",
                    """
                    DELETE FROM inbox AS i USING unnest($1::text[], $2::text[]) AS u (lane, event)
                    WHERE i.lane = u.lane AND i.event = u.event
                    """,
                    [.texts(ids.map(\.lane)), .texts(ids.map(\.event.text))]
                )
            )
        }
        if !handled.isEmpty {
            let ids = handled.sorted { ($0.lane, $0.event.text) < ($1.lane, $1.event.text) }
            calls.append(
                PostgresCall(
                    "handled.add",
                    """
                    INSERT INTO handled (lane, event, at)
                    SELECT lane, event, $3::double precision
                    FROM unnest($1::text[], $2::text[]) AS u (lane, event)
                    ON CONFLICT DO NOTHING
                    """,
                    [
                        .texts(ids.map(\.lane)), .texts(ids.map(\.event.text)), .real(now.column),
                    ]
                )
            )
        }
        return calls
    }

    func outboxCalls(_ channel: String) -> [PostgresCall] {
        var calls: [PostgresCall] = []
        if !enqueued.isEmpty { calls.append(enqueueCall(enqueued)) }
        if !sent.isEmpty {
            let events = PostgresValue.texts(sent.map(\.text).sorted())
            let now = PostgresValue.real(now.column)
            let parameters = [events, now, .text(replica), .text(channel)]
            calls.append(PostgresCall("outbox.drop", Self.dropSent, parameters))
        }
        if !enqueuedLate.isEmpty { calls.append(enqueueCall(enqueuedLate)) }
        return calls
    }

    private func enqueueCall(_ rows: [OutboxRow]) -> PostgresCall {
        PostgresCall(
            "outbox.add",
            """
            INSERT INTO outbox
                (event, type, rotation, body, must_arrive, is_urgent, created_at, replica)
            SELECT event, type, rotation, body, must_arrive, is_urgent, created_at, $8::text
            FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::boolean[],
                $6::boolean[], $7::double precision[]) WITH ORDINALITY
                AS u (event, type, rotation, body, must_arrive, is_urgent, created_at, place)
            WHERE must_arrive
            OR NOT EXISTS (SELECT 1 FROM announced AS a WHERE a.event = u.event)
            ORDER BY place
            ON CONFLICT (event) DO NOTHING
            """,
            [
                .texts(rows.map(\.event.text)), .texts(rows.map(\.type.name)),
                .array(rows.map { $0.rotation.map { .text($0.text) } ?? .null }),
                .array(rows.map { .bytes($0.body) }),
                .array(rows.map { .boolean($0.mustArrive) }),
                .array(rows.map { .boolean($0.isUrgent) }),
                .array(rows.map { .real($0.createdAt.column) }), .text(replica),
            ]
        )
    }

    /// Takes out what was sent, and tells those replicas whose rows waited for it.
    private static let dropSent = """
        WITH gone AS (
            DELETE FROM outbox AS o USING unnest($1::text[]) AS u (event)
            WHERE o.event = u.event RETURNING o.event, o.rotation, o.must_arrive
        ), kept AS (
            INSERT INTO announced (event, at)
            SELECT event, $2::double precision FROM gone WHERE NOT must_arrive
            ON CONFLICT DO NOTHING
        )
        SELECT pg_notify($4::text, waiting.replica) FROM (
            SELECT DISTINCT o.replica FROM gone AS g JOIN outbox AS o ON o.rotation = g.rotation
            WHERE o.replica <> $3::text
        ) AS waiting
        """
}

extension String {
    /// The bytes of PostgreSQL's text form of `bytea`, `\x00ff`.
    var bytea: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count / 2)
        var high: UInt8?
        for digit in utf8.dropFirst(2) {
            let value = digit < UInt8(ascii: "a") ? digit &- 48 : digit &- 87
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}
