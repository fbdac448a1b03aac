import Foundation
import RekeyCore
import RekeyPorts
import RekeyPostgres

/// What stands in the way of rotating the roles, found without changing anything.
struct RoleInspection: Sendable {
    private let settings: PostgresTargetSettings

    init(_ settings: PostgresTargetSettings) { self.settings = settings }

    func findings(
        on connection: isolated PostgresConnection
    ) throws(PostgresFailure) -> [Finding] {
        let states = try RoleState.read(settings.accounts, on: connection)
        var findings = existence(of: states)
        for state in states {
            findings += try rights(over: state, on: connection)
            findings += expiry(of: state)
        }
        findings += try passwordForm(on: connection)
        guard settings.strategy == .alternate, states.count == 2 else { return findings }
        findings += try likeness(of: states, on: connection)
        for state in states { findings += try ownership(of: state, on: connection) }
        return findings
    }

    /// How to get the SQL that mends it.
    private var remedy: String { "run the SQL that `rekey init --sql \(settings.name)` prints" }

    private func existence(of states: [RoleState]) -> [Finding] {
        settings.accounts.filter { account in !states.contains { $0.role == account.text } }.map {
            problem("role \($0)", "does not exist", hint: remedy)
        }
    }

    /// Whether the administrator may set the password, and comment.
    ///
    /// Up to PostgreSQL 15 `CREATEROLE` is enough for roles without `SUPERUSER`; from 16 it takes
    /// `ADMIN OPTION` on the role as well (release notes of 16). A role may always change its own
    /// password, but not its comment.
    private func rights(
        over state: RoleState,
        on connection: isolated PostgresConnection
    ) throws(PostgresFailure) -> [Finding] {
        let row = try connection.query(
            """
            SELECT rolsuper, rolcreaterole, rolname = $1,
                current_setting('server_version_num')::int >= 160000,
                pg_has_role(oid, $1, 'MEMBER WITH ADMIN OPTION')
            FROM pg_catalog.pg_roles WHERE rolname = current_user
            """,
            [.text(state.role)]
        ).first?.map { $0 == "t" }
        guard let row, row.count == 5 else { return [] }
        let (isSuper, mayCreate, isSelf) = (row[0], row[1], row[2])
        let (needsAdmin, hasAdmin) = (row[3], row[4])
        let administers = mayCreate && !state.isSuperuser && (!needsAdmin || hasAdmin)
        if isSuper || administers { return [] }
        let administrator = settings.administrator.role
        let subject = "role \(state.role)"
        guard isSelf, settings.strategy == .replace else {
            let grant =
                needsAdmin
                ? "GRANT \(state.role) TO \(administrator) WITH ADMIN OPTION, and CREATEROLE"
                : "ALTER ROLE \(administrator) CREATEROLE"
            return [problem(subject, "\(administrator) may not change it", hint: grant)]
        }
        return [
            Finding(
                .warning,
                subject,
                "\(administrator) may not comment on it: the fence is the journal's only",
                hint: "let a role with CREATEROLE administer it"
            )
        ]
    }

    private func expiry(of state: RoleState) -> [Finding] {
        guard let end = state.validUntil else { return [] }
        let severity = end < Date.now ? Finding.Severity.problem : .warning
        return [
            Finding(
                severity,
                "role \(state.role)",
                "its passwords end at \(end.ISO8601Format()), whatever their value",
                hint: "ALTER ROLE \(state.role) VALID UNTIL 'infinity'"
            )
        ]
    }

    /// Whether the server takes what `verifier` sends.
    private func passwordForm(
        on connection: isolated PostgresConnection
    ) throws(PostgresFailure) -> [Finding] {
        let subject = "target \(settings.name)"
        let method = try connection.query("SHOW password_encryption").first?.first.flatMap { $0 }
        var findings: [Finding] = []
        if settings.verifier == .plaintext {
            findings.append(
                Finding(
                    .warning,
                    subject,
                    "sends passwords in plain text: the server's log may show them",
                    hint: "set verifier: scram unless a password check refuses verifiers"
                )
            )
        }
        if method != "scram-sha-256" {
            findings.append(
                Finding(
                    settings.verifier == .scram ? .note : .warning,
                    subject,
                    "password_encryption is \(method ?? "unknown")",
                    hint: "set password_encryption = scram-sha-256"
                )
            )
        }
        return findings
    }

    private func likeness(
        of states: [RoleState],
        on connection: isolated PostgresConnection
    ) throws(PostgresFailure) -> [Finding] {
        let (first, second) = (states[0].role, states[1].role)
        var findings: [Finding] = []
        let differences = try RoleRights.differences(between: first, and: second, on: connection)
        if !differences.isEmpty {
            findings.append(
                problem(
                    "roles \(first) and \(second)",
                    "differ: \(RoleRights.summary(of: differences))",
                    hint: "\(remedy), then repeat grants by hand"
                )
            )
        }
        guard let owner = settings.ownerRole else {
            findings.append(
                Finding(
                    .warning,
                    "roles \(first) and \(second)",
                    "act each as itself: what one creates the other does not own",
                    hint: "name an owner role without a login, and \(remedy)"
                )
            )
            return findings
        }
        return findings + (try ownerFindings(owner, on: connection))
    }

    private func ownerFindings(
        _ owner: String,
        on connection: isolated PostgresConnection
    ) throws(PostgresFailure) -> [Finding] {
        guard let state = try RoleState.read([AccountID(owner)], on: connection).first else {
            return [problem("role \(owner)", "does not exist", hint: remedy)]
        }
        var findings: [Finding] = []
        if state.canLogIn {
            findings.append(
                Finding(
                    .warning,
                    "role \(owner)",
                    "can log in",
                    hint: "ALTER ROLE \(owner) NOLOGIN"
                )
            )
        }
        for account in settings.accounts {
            let rows = try connection.query(
                """
                SELECT pg_has_role(r.oid, $2, 'MEMBER'), EXISTS (
                    SELECT FROM pg_catalog.pg_db_role_setting s
                    WHERE s.setrole = r.oid AND s.setdatabase = 0
                        AND 'role=' || $2 = ANY (s.setconfig)
                )
                FROM pg_catalog.pg_roles r WHERE r.rolname = $1
                """,
                [.text(account.text), .text(owner)]
            )
            guard let row = rows.first, row != ["t", "t"] else { continue }
            findings.append(
                problem(
                    "role \(account)",
                    "does not act as \(owner)",
                    hint: "GRANT \(owner) TO \(account); ALTER ROLE \(account) SET role = \(owner)"
                )
            )
        }
        return findings
    }

    private func ownership(
        of state: RoleState,
        on connection: isolated PostgresConnection
    ) throws(PostgresFailure) -> [Finding] {
        let count = try RoleRights.ownedCount(of: state.role, on: connection)
        guard count > 0 else { return [] }
        let owner = settings.ownerRole ?? "an owner role"
        return [
            problem(
                "role \(state.role)",
                "owns \(count) objects, which the other account does not",
                hint: "REASSIGN OWNED BY \(state.role) TO \(owner), in each database"
            )
        ]
    }

    private func problem(_ subject: String, _ text: String, hint: String) -> Finding {
        Finding(.problem, subject, text, hint: hint)
    }
}
