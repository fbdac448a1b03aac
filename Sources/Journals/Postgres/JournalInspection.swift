package import RekeyPorts
import RekeyPostgres

/// Looks whether a worker could open its journal and write it, and changes nothing.
package enum JournalInspection {
    package static func findings(
        _ settings: PostgresJournalSettings
    ) async -> [Finding] {
        let subject = "journal \(settings.place)"
        do throws(JournalFailure) {
            let connection = try await JournalSession(settings: settings).open(.reading)
            let found: Result<[Finding], JournalFailure>
            do throws(PostgresFailure) {
                found = try await connection.perform { (link) throws(PostgresFailure) in
                    try inspect(link, settings, subject)
                }
            } catch {
                throw JournalFailure(error, at: settings.place)
            }
            await connection.close()
            return try found.get()
        } catch {
            return [Finding(.problem, subject, "\(error)")]
        }
    }

    private static func inspect(
        _ link: isolated PostgresConnection,
        _ settings: PostgresJournalSettings,
        _ subject: String
    ) throws(PostgresFailure) -> Result<[Finding], JournalFailure> {
        var findings = try serverFindings(link, subject)
        // Not asked of the tables yet, which it may not be allowed to read.
        let tables = try link.query(
            "SELECT count(*) FROM pg_tables WHERE schemaname = $1",
            [.text(settings.schema)]
        )
        if tables.first?.first == "0" {
            findings += try makingFindings(link, settings, subject)
            return .success(findings)
        }
        let missing = try missingRights(link, settings)
        if !missing.isEmpty {
            let hint =
                "GRANT USAGE ON SCHEMA \(settings.schema) TO \(settings.user); GRANT SELECT, "
                + "INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(settings.schema) "
                + "TO \(settings.user)"
            findings += missing.map { Finding(.problem, subject, "no right to \($0)", hint: hint) }
            return .success(findings)
        }
        let version = try JournalSchema.version(link, schema: settings.schema, at: settings.place)
        return version.map { version in
            guard version < JournalSchema.known else { return findings }
            let text = "version \(version), which the next worker brings to \(JournalSchema.known)"
            return findings + [Finding(.note, subject, text)]
        }
    }

    private static func serverFindings(
        _ link: isolated PostgresConnection,
        _ subject: String
    ) throws(PostgresFailure) -> [Finding] {
        let row = try link.query(
            "SELECT current_setting('fsync'), current_setting('server_encoding')"
        ).first
        var findings: [Finding] = []
        if row?[0] == "off" {
            findings.append(
                Finding(
                    .problem,
                    subject,
                    "the server has fsync off, and may forget commits when it dies",
                    hint: "turn it on: a rotation that is forgotten may lose a credential"
                )
            )
        }
        if let encoding = row?[1], encoding != "UTF8" {
            findings.append(
                Finding(
                    .problem,
                    subject,
                    "the database is encoded as \(encoding)",
                    hint: "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
                )
            )
        }
        return findings
    }

    /// Whether the first worker can make the tables.
    private static func makingFindings(
        _ link: isolated PostgresConnection,
        _ settings: PostgresJournalSettings,
        _ subject: String
    ) throws(PostgresFailure) -> [Finding] {
        let may = try link.query(
            """
            SELECT coalesce(
                (SELECT has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE')
                    FROM pg_namespace WHERE nspname = $1),
                has_database_privilege(current_database(), 'CREATE'))
            """,
            [.text(settings.schema)]
        )
        guard may.first?.first == "t" else {
            return [
                Finding(
                    .problem,
                    subject,
                    "there is no journal, and no right to make one",
                    hint: "CREATE SCHEMA \(settings.schema) AUTHORIZATION \(settings.user)"
                )
            ]
        }
        return [Finding(.note, subject, "there is no journal yet: the first worker makes it")]
    }

    private static func missingRights(
        _ link: isolated PostgresConnection,
        _ settings: PostgresJournalSettings
    ) throws(PostgresFailure) -> [String] {
        let usage = try link.query(
            "SELECT has_schema_privilege($1, 'USAGE')",
            [.text(settings.schema)]
        )
        guard usage.first?.first == "t" else { return ["USAGE of the schema"] }
        let rows = try link.query(
            """
            SELECT right_name || ' of ' || c.relname FROM pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS right_name
            WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname = ANY ($2)
            AND NOT has_table_privilege(c.oid, right_name)
            ORDER BY c.relname, right_name
            """,
            [.text(settings.schema), .texts(JournalSchema.tables)]
        )
        return rows.compactMap { $0.first ?? nil }
    }
}
