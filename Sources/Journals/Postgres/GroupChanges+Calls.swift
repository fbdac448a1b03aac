import JournalRecords
import RekeyCore
import RekeyPorts
import RekeyPostgres

/// The second message of a transaction: a statement for each table, and `COMMIT`.
extension GroupChanges {
    /// Who is told by `notify` that a rotation's rows are free to go.
    func calls(claimTime: PostgresValue, channel: String) -> [PostgresCall] {
        var calls: [PostgresCall] = []
        if !claims.isEmpty { calls.append(claimCall(claimTime)) }
        if !received.isEmpty { calls.append(receiveCall) }
        calls += rotationCalls
        calls += inboxCalls
        calls += outboxCalls(channel)
        calls += timerCalls
        calls += recordCalls
        return calls + [PostgresCall("commit", "COMMIT")]
    }

    private func claimCall(_ claimTime: PostgresValue) -> PostgresCall {
        let rows = claims.sorted { $0.key < $1.key }
        return PostgresCall(
            "claims.set",
            """
            UPDATE claims AS c SET holder = u.holder, epoch = u.epoch, until = u.seconds
                + coalesce($5::double precision, extract(epoch FROM clock_timestamp()))
            FROM unnest($1::text[], $2::text[], $3::bigint[], $4::double precision[])
                AS u (rotation, holder, epoch, seconds)
            WHERE c.rotation = u.rotation
            """,
            [
                .texts(rows.map(\.key.text)),
                .array(rows.map { $0.value.holder.map { .text($0) } ?? .null }),
                .array(rows.map { .integer($0.value.epoch) }),
                .array(rows.map { .real($0.value.seconds ?? 0) }), claimTime,
            ]
        )
    }

    private var rotationCalls: [PostgresCall] {
        guard !events.isEmpty else { return [] }
        let rows = rotations.sorted { $0.key < $1.key }
        return [
            rotationCall(
                "rotations.add",
                """
                INSERT INTO rotations
                    (id, credential, number, is_open, head, state, state_number)
                SELECT id, credential, number, is_open, head, state, coalesce(state_number, 0)
                FROM \(Self.rotationColumns)
                ORDER BY id
                """,
                rows.filter(\.value.isNew)
            ),
            rotationCall(
                "rotations.set",
                """
                UPDATE rotations AS r SET number = u.number, is_open = u.is_open, head = u.head,
                    state = coalesce(u.state, r.state),
                    state_number = coalesce(u.state_number, r.state_number)
                FROM \(Self.rotationColumns)
                WHERE r.id = u.id
                """,
                rows.filter { !$0.value.isNew }
            ),
            PostgresCall(
                "events.add",
                """
                INSERT INTO events (rotation, number, event, digest)
                SELECT r.seq, u.number, u.event, u.digest
                FROM unnest($1::text[], $2::integer[], $3::bytea[], $4::bytea[])
                    AS u (rotation, number, event, digest)
                JOIN rotations AS r ON r.id = u.rotation
                """,
                [
                    .texts(events.map(\.rotation.text)),
                    .array(events.map { .integer($0.number) }),
                    .array(events.map { .bytes([UInt8]($0.event)) }),
                    .array(events.map { .bytes($0.digest) }),
                ]
            ),
        ].compactMap(\.self)
    }

    private func rotationCall(
        _ name: String,
        _ sql: String,
        _ rows: [(key: RotationID, value: RotationRow)]
    ) -> PostgresCall? {
        guard !rows.isEmpty else { return nil }
        return PostgresCall(
            name,
            sql,
            [
                .texts(rows.map(\.key.text)),
                .texts(rows.map { $0.value.credential?.text ?? "" }),
                .array(rows.map { .integer($0.value.number) }),
                .array(rows.map { .boolean($0.value.isOpen) }),
                .array(rows.map { .bytes($0.value.head) }),
                .array(rows.map { $0.value.state.map { .bytes([UInt8]($0)) } ?? .null }),
                .array(rows.map { $0.value.stateNumber.map { .integer($0) } ?? .null }),
            ]
        )
    }

    private static let rotationColumns = """
        unnest($1::text[], $2::text[], $3::integer[], $4::boolean[], $5::bytea[], $6::bytea[],
            $7::integer[]) AS u (id, credential, number, is_open, head, state, state_number)
        """

    private var timerCalls: [PostgresCall] {
        var calls: [PostgresCall] = []
        let armed = timers.values.compactMap(\.self).sorted { Self.place($0) < Self.place($1) }
        if !armed.isEmpty {
            calls.append(
                PostgresCall(
                    "timers.set",
                    """
                    INSERT INTO timers (rotation, lane, due_at, is_urgent)
                    SELECT * FROM unnest(
                        $1::text[], $2::text[], $3::double precision[], $4::boolean[])
                    ON CONFLICT (rotation, lane)
                    DO UPDATE SET due_at = excluded.due_at, is_urgent = excluded.is_urgent
                    """,
                    [
                        .texts(armed.map(\.rotation.text)), .texts(armed.map(\.lane)),
                        .array(armed.map { .real($0.dueAt.column) }),
                        .array(armed.map { .boolean($0.isUrgent) }),
                    ]
                )
            )
        }
        let disarmed = timers.filter { $0.value == nil }.keys
        if !disarmed.isEmpty {
            calls.append(
                PostgresCall(
                    "timers.drop",
                    """
                    DELETE FROM timers AS t
                    USING unnest($1::text[], $2::text[]) AS u (rotation, lane)
                    WHERE t.rotation = u.rotation AND t.lane = u.lane
                    """,
                    [.texts(disarmed.map(\.rotation.text)), .texts(disarmed.map(\.lane))]
                )
            )
        }
        return calls
    }

    private static func place(_ timer: JournalTimer) -> (String, String) {
        (timer.rotation.text, timer.lane)
    }
}
