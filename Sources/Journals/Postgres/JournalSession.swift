import RekeyCore
import RekeyPorts
import RekeyPostgres

/// Opens connections that find the journal's tables without naming the schema.
struct JournalSession: Sendable {
    /// What the connection is for, which decides what it may do.
    enum Use: String, Sendable {
        case writing, reading, keeping

        /// By which a server tells its sessions apart; of a longer name it keeps the beginning.
        func sessionName(in schema: String) -> String {
            let name = "rekey \(schema) \(rawValue)"
            return String(decoding: name.utf8.prefix(Self.nameByteLimit), as: UTF8.self)
        }

        /// `NAMEDATALEN` less the end of the text.
        private static let nameByteLimit = 63
    }

    /// How long anything may take; a commit waits for the disk, a lock for another commit.
    static let limits = PostgresLimits(
        connectSeconds: 5,
        statementSeconds: 10,
        lockSeconds: 5,
        callSeconds: 15
    )

    let settings: PostgresJournalSettings

    func open(_ use: Use) async throws(JournalFailure) -> PostgresConnection {
        let password: Secret
        do throws(StepFailure) {
            password = try await settings.password()
        } catch {
            throw .unavailable("\(settings.place): its password: \(error.reason)")
        }
        let own = PostgresSettings(
            host: settings.host,
            port: settings.port,
            database: settings.database,
            user: settings.user,
            password: password,
            tls: settings.tls,
            applicationName: use.sessionName(in: settings.schema),
            limits: Self.limits,
            // Several callers share what is written and read; who waits for news has no company.
            closesWhenCancelled: use == .keeping
        )
        do throws(PostgresFailure) {
            let connection = try await PostgresConnection.open(own)
            try await connection.perform { (link) throws(PostgresFailure) in
                try link.query(Self.preparation, [.text(settings.schema)])
                switch use {
                // Given up by the server, a COMMIT that waits for a standby would count as done.
                case .writing: try link.execute("SET statement_timeout = 0")
                // A heartbeat that is lost with the server is of no use after it.
                case .keeping: try link.execute("SET synchronous_commit = off")
                case .reading: try link.execute("SET default_transaction_read_only = on")
                }
            }
            return connection
        } catch {
            throw JournalFailure(error, at: settings.place)
        }
    }

    /// What every session is set to.
    ///
    /// The tables are queues: small when the plan is made, and large when it matters, so that a
    /// scan of the whole is never the plan. A commit that is answered has to be on disk.
    private static let preparation = """
        SELECT set_config('search_path', quote_ident($1), false),
            set_config('jit', 'off', false),
            set_config('enable_seqscan', 'off', false),
            set_config('plan_cache_mode', 'force_generic_plan', false),
            CASE WHEN current_setting('synchronous_commit') = 'off'
                THEN set_config('synchronous_commit', 'on', false) END
        """
}

extension JournalFailure {
    /// Keeps the call's name and the code, and nothing of the server's words.
    init(_ failure: PostgresFailure, at place: String) {
        self = .unavailable("\(place): \(failure)")
    }
}
