import RekeyPostgres

/// The sessions of workers that went silent in the midst of a transaction, and hold its locks.
///
/// PostgreSQL ends a transaction whose next message does not come, but only between the answers to
/// two messages of a pipeline (`idle_in_transaction_session_timeout`): a worker that stands still,
/// or is cut off, while it sends one, would keep its rows for ever. `transaction_timeout` covers
/// that from PostgreSQL 17 on.
struct AbandonedSessions {
    /// How often they are looked for, in seconds.
    static let lookSeconds = 5.0
    /// The longest that a transaction may wait for its client, in seconds: each has as long in all.
    static let patienceSeconds = JournalSession.limits.callSeconds

    private var looksAt: ContinuousClock.Instant?

    /// Whether it is time for a look, which then counts as made.
    mutating func isDue() -> Bool {
        let now = ContinuousClock.now
        if let looksAt, now < looksAt { return false }
        looksAt = now.advanced(by: .seconds(Self.lookSeconds))
        return true
    }

    /// Ends them, in which the server undoes what they had begun.
    ///
    /// Who may not end sessions of its own role, since a hardened server takes that right from
    /// everybody, leaves them.
    static func end(in schema: String, on connection: PostgresConnection) async {
        let parameters: [PostgresValue] = [
            .texts([JournalSession.Use.writing, .keeping].map { $0.sessionName(in: schema) }),
            .real(patienceSeconds),
        ]
        let find = PostgresCall("sessions.find", "SELECT pid" + found, parameters)
        let end = PostgresCall(
            "sessions.end",
            "SELECT pg_terminate_backend(pid)" + found,
            parameters
        )
        do throws(PostgresFailure) {
            try await connection.perform { (link) throws(PostgresFailure) in
                guard try link.pipeline([find]).first?.isEmpty == false else { return }
                _ = try link.pipeline([end])
            }
        } catch {
            // The next look comes to them again, and the next beat to a connection that is lost.
        }
    }

    private static let found = """
         FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user
        AND application_name = ANY ($1::text[]) AND wait_event = 'ClientRead'
        AND xact_start < clock_timestamp() - make_interval(secs => $2::double precision)
        """
}
