package import RekeyPorts
import RekeyPostgres

/// Says that its replica lives, and takes over the rows of those that do not.
///
/// A replica is gone when it gave no sign of life for a while, or when the session is gone in which
/// it holds the lock of its name, as it is at once when its process is killed. Taking over is safe
/// at any time: of two that work on a row the claim stops one, and an event that is published twice
/// has the same id twice.
actor ReplicaKeeper {
    /// After how long a row of a replica that left nothing is forgotten, in seconds.
    static let forgetSeconds = 3_600.0
    /// After how long a row that its replica does not publish goes to another, in seconds.
    static let unsentSeconds = 30.0

    private let replica: String
    private let session: JournalSession
    private var connection: PostgresConnection?
    /// Whether this session holds the lock of the replica's name.
    private var isLocked = false
    private var hasLeft = false
    private var abandoned = AbandonedSessions()

    init(replica: String, session: JournalSession) {
        self.replica = replica
        self.session = session
    }

    func awaitWork() async throws(JournalFailure) -> SharedWork {
        let isNew = connection == nil
        let connection = try await connected()
        let (calls, seconds) = (calls, session.settings.beatSeconds)
        let answers: [[[String?]]]
        do throws(PostgresFailure) {
            answers = try await connection.perform { (link) throws(PostgresFailure) in
                if !isNew { _ = try link.notifications(within: seconds) }
                return try link.pipeline(calls)
            }
        } catch {
            await connection.close()
            self.connection = nil
            isLocked = false
            throw JournalFailure(error, at: session.settings.place)
        }
        if !isLocked { isLocked = answers.last?.first?.first == "t" }
        if abandoned.isDue() {
            await AbandonedSessions.end(in: session.settings.schema, on: connection)
        }
        if let refusal = JournalSchema.refusal(answers[3]) { throw refusal }
        return answers[1].first?.first == "0" ? .rows : .inbox
    }

    /// What is asked each time; first that it lives, then what others left.
    private var calls: [PostgresCall] {
        let (own, settings) = (PostgresValue.text(replica), session.settings)
        var calls = [
            PostgresCall("replica.beat", Self.beat, [own]),
            PostgresCall(
                "rows.take",
                Self.takeover,
                [own, .real(settings.replicaSeconds), .real(Self.unsentSeconds)]
            ),
            PostgresCall("replicas.forget", Self.forgetting, [own, .real(Self.forgetSeconds)]),
            PostgresCall("schema.oldest", JournalSchema.oldest),
        ]
        // Another that just looked whether this one lives, or a session of it that is not gone yet,
        // may have had it: then it is asked for again, for without it this one counts as gone.
        let lock = "SELECT pg_try_advisory_lock(\(Self.lock("$1::text")))"
        if !isLocked { calls.append(PostgresCall("replica.lock", lock, [own])) }
        return calls
    }

    /// Makes this replica count as gone, and tells the others.
    func leave() async {
        hasLeft = true
        let connection: PostgresConnection
        do throws(JournalFailure) { connection = try await connected(evenAfter: true) } catch {
            // The others find out by its silence.
            return
        }
        let channel = JournalChannel.name(of: session.settings.schema)
        let calls = [
            PostgresCall("replica.leave", Self.leaving, [.text(replica)]),
            PostgresCall(
                "replica.farewell",
                "SELECT pg_notify($1::text, $2::text)",
                [.text(channel), .text(JournalChannel.everybody)]
            ),
        ]
        do throws(PostgresFailure) {
            try await connection.perform { (link) throws(PostgresFailure) in
                _ = try link.pipeline(calls)
            }
        } catch {
            // The same.
        }
        await connection.close()
        self.connection = nil
    }

    private func connected(
        evenAfter: Bool = false
    ) async throws(JournalFailure) -> PostgresConnection {
        if let connection { return connection }
        guard !hasLeft || evenAfter else {
            throw .unavailable("\(session.settings.place): the journal was closed")
        }
        let made = try await session.open(.keeping)
        let channel = JournalChannel.name(of: session.settings.schema)
        do throws(PostgresFailure) {
            try await made.perform { (link) throws(PostgresFailure) in
                try link.execute("LISTEN \(identifier: channel)")
            }
        } catch {
            throw JournalFailure(error, at: session.settings.place)
        }
        connection = made
        return made
    }

    /// The number by which a replica's name is locked.
    private static func lock(_ name: String) -> String {
        "hashtextextended('rekey replica ' || \(name), 0)"
    }

    private static let beat = """
        INSERT INTO replicas (id, seen, last_commit)
        VALUES ($1::text, extract(epoch FROM clock_timestamp()), 0)
        ON CONFLICT (id) DO UPDATE SET seen = excluded.seen
        """

    private static let leaving = "UPDATE replicas SET seen = 0 WHERE id = $1::text"

    private static let takeover = """
        WITH gone AS MATERIALIZED (
            SELECT id FROM replicas WHERE id <> $1::text AND (
                seen < extract(epoch FROM clock_timestamp()) - $2::double precision
                OR pg_try_advisory_xact_lock(\(lock("id"))))
        ), published AS (
            UPDATE outbox SET replica = $1::text, since = extract(epoch FROM clock_timestamp())
            WHERE seq IN (
                SELECT seq FROM outbox
                WHERE replica IN (SELECT id FROM gone) OR (replica <> $1::text
                    AND since < extract(epoch FROM clock_timestamp()) - $3::double precision)
                ORDER BY seq FOR UPDATE SKIP LOCKED)
        ), received AS (
            UPDATE inbox SET replica = $1::text WHERE seq IN (
                SELECT seq FROM inbox WHERE replica IN (SELECT id FROM gone)
                ORDER BY seq FOR UPDATE SKIP LOCKED)
            RETURNING seq
        )
        SELECT count(*) FROM received
        """

    private static let forgetting = """
        DELETE FROM replicas AS r WHERE id <> $1::text
        AND seen < extract(epoch FROM clock_timestamp()) - $2::double precision
        AND NOT EXISTS (SELECT 1 FROM inbox AS i WHERE i.replica = r.id)
        AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.replica = r.id)
        """
}

extension PostgresJournal: SharedJournal {
    package func awaitWork() async throws(JournalFailure) -> SharedWork {
        try await keeper.awaitWork()
    }
}
