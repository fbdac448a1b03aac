import Foundation
import RekeyCore
import RekeyPostgres

/// What the catalogue says of one role.
struct RoleState: Sendable {
    let role: String
    let canLogIn: Bool
    let isSuperuser: Bool
    let validUntil: Date?
    let comment: String?

    /// The states of those of `accounts` that exist, in that order.
    static func read(
        _ accounts: [AccountID],
        on connection: isolated PostgresConnection
    ) throws(PostgresFailure) -> [RoleState] {
        let rows = try connection.query(
            """
            SELECT rolname, rolcanlogin, rolsuper,
                CASE WHEN isfinite(rolvaliduntil) THEN extract(epoch FROM rolvaliduntil) END,
                shobj_description(oid, 'pg_authid')
            FROM pg_catalog.pg_roles WHERE rolname = ANY($1::text[])
            ORDER BY array_position($1::text[], rolname::text)
            """,
            [.texts(accounts.map(\.text))]
        )
        return rows.map { row in
            RoleState(
                role: row[0] ?? "",
                canLogIn: row[1] == "t",
                isSuperuser: row[2] == "t",
                validUntil: row[3].flatMap(Double.init).map(Date.init(timeIntervalSince1970:)),
                comment: row[4]
            )
        }
    }
}
