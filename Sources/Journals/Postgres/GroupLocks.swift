import JournalRecords
import RekeyCore
import RekeyPorts
import RekeyPostgres

/// The first message of a transaction: it locks and reads every row that a decision depends on.
///
/// Each kind is locked in the order of its names, so that two groups seldom wait for each other in
/// a circle; where they do, PostgreSQL ends one, which is then made again.
struct GroupLocks {
    /// Rotations whose claim's row has to be there.
    private var added: Set<RotationID> = []
    private var claimed: Set<RotationID> = []
    private var checked: Set<RotationID> = []
    private var rotations: Set<RotationID> = []
    private var credentials: Set<CredentialID> = []
    private var entries: Set<InboxEntry.ID> = []
    /// Entries whose work is done, in whole or in part.
    private var worked: Set<InboxEntry.ID> = []

    init(for requests: [GroupRequest]) {
        for request in requests {
            switch request {
            case .claim(let rotation, _, _): claimed.insert(rotation)
            case .release(let claim): checked.insert(claim.rotation)
            case .receive(let received): entries.formUnion(received.map(\.id))
            case .commit(let writes, let claim):
                if let claim { checked.insert(claim.rotation) }
                for case .append(let events) in writes { rotations.insert(events.rotation) }
                for case .credential(let record, _) in writes { credentials.insert(record.id) }
                for case .plain(.handled(let id)) in writes { worked.insert(id) }
                for case .plain(.waiting(let id)) in writes { worked.insert(id) }
            }
        }
        // A row that a claim skips must not be waited for by a check in the same message.
        added = claimed
        claimed.subtract(checked)
    }

    /// The calls, the first of which begin the transaction, keep the schema, and number it.
    func calls(
        schema: String,
        replica: String,
        number: Int64,
        claimTime: PostgresValue
    ) -> [PostgresCall] {
        var calls = [
            PostgresCall("begin", "BEGIN"),
            PostgresCall("schema.share", Self.sharing, [.text(schema)]),
            PostgresCall("schema.oldest", JournalSchema.oldest),
            PostgresCall("replica.number", Self.numbering, [.text(replica), .integer(number)]),
        ]
        if !added.isEmpty {
            let names = PostgresValue.texts(added.map(\.text))
            calls.append(PostgresCall("claims.add", Self.addition, [names]))
        }
        if !claimed.isEmpty {
            let names = PostgresValue.texts(claimed.map(\.text))
            let take = Self.claims + " FOR UPDATE SKIP LOCKED"
            calls.append(PostgresCall("claims.take", take, [names, claimTime]))
        }
        if !checked.isEmpty {
            let names = PostgresValue.texts(checked.map(\.text))
            let check = Self.claims + " FOR UPDATE"
            calls.append(PostgresCall("claims.check", check, [names, claimTime]))
        }
        if !rotations.isEmpty {
            let names = PostgresValue.texts(rotations.map(\.text))
            calls.append(PostgresCall("rotations.lock", Self.rotationRows, [names]))
        }
        if !credentials.isEmpty {
            let names = PostgresValue.texts(credentials.map(\.text))
            calls.append(PostgresCall("credentials.lock", Self.credentialRows, [names]))
        }
        if !entries.isEmpty {
            let ids = Array(entries)
            let lanes = PostgresValue.texts(ids.map(\.lane))
            let events = PostgresValue.texts(ids.map(\.event.text))
            calls.append(PostgresCall("inbox.known", Self.knownEntries, [lanes, events]))
        }
        if !worked.isEmpty {
            let ids = Array(worked)
            let lanes = PostgresValue.texts(ids.map(\.lane))
            let events = PostgresValue.texts(ids.map(\.event.text))
            calls.append(PostgresCall("inbox.lock", Self.waitingEntries, [lanes, events]))
        }
        return calls
    }

    /// What `answers` say, the rows of each of `calls` in their order.
    func read(_ answers: [[[String?]]], of calls: [PostgresCall]) -> LockedRows {
        var rows = LockedRows()
        for (call, answer) in zip(calls, answers) {
            switch call.name {
            case "schema.oldest": rows.refusal = JournalSchema.refusal(answer)
            case "claims.take", "claims.check":
                for row in answer {
                    guard let id = row[0] else { continue }
                    rows.claims[RotationID(id)] = ClaimRow(
                        holder: row[1],
                        epoch: row[2].flatMap { Int64($0) } ?? 0,
                        isOver: row[3] == "t"
                    )
                }
            case "rotations.lock":
                for row in answer {
                    guard let id = row[0] else { continue }
                    rows.rotations[RotationID(id)] = RotationRow(
                        number: row[1].flatMap { Int($0) } ?? 0,
                        head: row[2]?.bytea ?? [],
                        isNew: false
                    )
                }
            case "credentials.lock":
                for row in answer {
                    guard let id = row[0] else { continue }
                    let record = row[1]?.bytea ?? []
                    rows.credentials[CredentialID(id)] = CredentialRow(record: record)
                }
            case "inbox.known":
                for row in answer {
                    guard let lane = row[0], let event = row[1] else { continue }
                    rows.entries.insert(InboxEntry.ID(lane: lane, event: EventID(event)))
                }
            case "inbox.lock":
                for row in answer {
                    guard let lane = row[0], let event = row[1] else { continue }
                    rows.waiting.insert(InboxEntry.ID(lane: lane, event: EventID(event)))
                }
            default: break
            }
        }
        return rows
    }

    /// Waits while the schema is changed, and keeps it from being changed until the end.
    private static let sharing =
        "SELECT pg_advisory_xact_lock_shared(\(JournalSchema.lock("$1::text")))"

    private static let numbering = """
        INSERT INTO replicas (id, seen, last_commit)
        VALUES ($1::text, extract(epoch FROM clock_timestamp()), $2::bigint)
        ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, last_commit = excluded.last_commit
        """

    private static let addition = """
        INSERT INTO claims (rotation, epoch, until)
        SELECT rotation, 0, 0 FROM unnest($1::text[]) AS rotation ORDER BY rotation
        ON CONFLICT DO NOTHING
        """

    private static let claims = """
        SELECT rotation, holder, epoch,
            until <= coalesce($2::double precision, extract(epoch FROM clock_timestamp()))
        FROM claims WHERE rotation = ANY ($1::text[]) ORDER BY rotation
        """

    private static let rotationRows = """
        SELECT id, number, head FROM rotations WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE
        """

    private static let credentialRows = """
        SELECT id, record FROM credentials
        WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE
        """

    /// A row that another transaction took out while this one waited for it is not answered.
    private static let waitingEntries = """
        SELECT i.lane, i.event FROM unnest($1::text[], $2::text[]) AS e (lane, event)
        JOIN inbox AS i ON i.lane = e.lane AND i.event = e.event
        ORDER BY i.lane, i.event FOR UPDATE OF i
        """

    private static let knownEntries = """
        SELECT lane, event FROM unnest($1::text[], $2::text[]) AS e (lane, event)
        WHERE EXISTS (SELECT 1 FROM inbox AS i WHERE i.lane = e.lane AND i.event = e.event)
        OR EXISTS (SELECT 1 FROM handled AS h WHERE h.lane = e.lane AND h.event = e.event)
        """
}

/// The rows that a transaction holds, and what it knows of them.
struct LockedRows {
    /// Why nothing may be written at all.
    var refusal: JournalFailure?
    var claims: [RotationID: ClaimRow] = [:]
    var rotations: [RotationID: RotationRow] = [:]
    var credentials: [CredentialID: CredentialRow] = [:]
    /// Entries that are in the inbox, or were handled.
    var entries: Set<InboxEntry.ID> = []
    /// Those that are to be worked on, and are in the inbox.
    var waiting: Set<InboxEntry.ID> = []
}
