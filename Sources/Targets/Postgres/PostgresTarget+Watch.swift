package import RekeyCore
import RekeyPorts
import RekeyPostgres

extension PostgresTarget: WatchingTarget {
    /// Reads `pg_stat_activity`: one look, so a session shorter than the time between two looks may
    /// be missed.
    ///
    /// A server shows its own sessions; those behind a pooler carry the pooler's address, and a
    /// replica's are seen by nobody.
    package func sessions(
        from origin: SessionOrigin
    ) async throws(StepFailure) -> [TargetSession] {
        let settings = settings
        let accounts = PostgresValue.texts(settings.accounts.map(\.text))
        let (hidden, rows) = try await look { (own) throws(PostgresFailure) in
            let hidden = try own.query(Self.hiddenAccounts, [accounts])
            guard hidden.isEmpty else { return (hidden, hidden) }
            let name = origin.applicationName ?? ""
            let parameters = [accounts, .text(name), .texts(origin.addresses)]
            return (hidden, try own.query(Self.openSessions, parameters))
        }
        guard hidden.isEmpty else {
            let who = "administrator \(settings.administrator.role)"
            let what = "may not see sessions; grant it pg_read_all_stats"
            throw StepFailure(.permanent, "\(who): \(what)")
        }
        return rows.map { row in
            let age = row[1].flatMap(Double.init) ?? .infinity
            return TargetSession(account: AccountID(row[0] ?? ""), ageSeconds: age)
        }
    }

    /// The server shows whoever may not read them sessions without name, address and time: they
    /// would look like none.
    private static let hiddenAccounts = """
        SELECT name FROM unnest($1::text[]) AS name
        WHERE NOT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
        AND NOT pg_catalog.pg_has_role(name, 'USAGE')
        """

    private static let openSessions = """
        SELECT usename, extract(epoch FROM clock_timestamp() - backend_start)
        FROM pg_catalog.pg_stat_activity
        WHERE usename = ANY($1::text[]) AND pid <> pg_catalog.pg_backend_pid()
        AND ($2 = '' OR application_name = $2)
        AND (cardinality($3::text[]) = 0 OR client_addr <<= ANY ($3::text[]::inet[]))
        """
}
