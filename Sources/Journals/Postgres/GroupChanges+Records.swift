import Foundation
import JournalRecords
import RekeyCore
import RekeyPorts
import RekeyPostgres

/// What is known of credentials, and what they owe.
extension GroupChanges {
    var recordCalls: [PostgresCall] {
        let rows = credentials.values.sorted { $0.record.id < $1.record.id }
        return [
            // Another worker that adds the same one makes this fail, and the group is made again.
            credentialCall(
                "credentials.add",
                """
                INSERT INTO credentials (id, record, sequence, rotated_at)
                SELECT id, record, sequence, rotated_at FROM \(Self.credentialColumns) ORDER BY id
                """,
                rows.filter { !knownCredentials.contains($0.record.id) }
            ),
            credentialCall(
                "credentials.set",
                """
                UPDATE credentials AS c
                SET record = u.record, sequence = u.sequence, rotated_at = u.rotated_at
                FROM \(Self.credentialColumns) WHERE c.id = u.id
                """,
                rows.filter { knownCredentials.contains($0.record.id) }
            ),
            debtCall,
        ].compactMap(\.self)
    }

    private func credentialCall(
        _ name: String,
        _ sql: String,
        _ rows: [(record: CredentialRecord, bytes: Data)]
    ) -> PostgresCall? {
        guard !rows.isEmpty else { return nil }
        return PostgresCall(
            name,
            sql,
            [
                .texts(rows.map(\.record.id.text)),
                .array(rows.map { .bytes([UInt8]($0.bytes)) }),
                .array(rows.map { .integer($0.record.sequence) }),
                .array(rows.map { $0.record.lastRotatedAt.map { .real($0.column) } ?? .null }),
            ]
        )
    }

    private static let credentialColumns = """
        unnest($1::text[], $2::bytea[], $3::bigint[], $4::double precision[])
            AS u (id, record, sequence, rotated_at)
        """

    private var debtCall: PostgresCall? {
        guard !debts.isEmpty else { return nil }
        let rows = debts.values.sorted {
            ($0.debt.credential, $0.debt.account) < ($1.debt.credential, $1.debt.account)
        }
        return PostgresCall(
            "debts.set",
            """
            INSERT INTO debts (credential, account, debt, is_paid)
            SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::boolean[])
            ON CONFLICT (credential, account)
            DO UPDATE SET debt = excluded.debt, is_paid = excluded.is_paid
            """,
            [
                .texts(rows.map(\.debt.credential.text)),
                .texts(rows.map(\.debt.account.text)),
                .array(rows.map { .bytes([UInt8]($0.bytes)) }),
                .array(rows.map { .boolean($0.debt.isPaid) }),
            ]
        )
    }
}
