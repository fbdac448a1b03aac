import Foundation
import RekeyCore
import RekeyPorts
import RekeyPostgres

/// Writes groups through one connection, one transaction at a time, and finds out what became of
/// one whose answer was lost.
actor JournalWriter {
    /// How often a group is made again after a conflict or a lost connection.
    static let attempts = 6
    /// How long the outcome of a lost commit is looked for, in seconds.
    static let lookSeconds = 10.0
    /// The pause between two attempts to connect, or to see a session gone, in milliseconds.
    static let pauseMilliseconds = 50

    let replica: String
    private let session: JournalSession
    private let clock: any Clock
    private var link: Link?
    private var lastNumber: Int64 = 0
    private var isClosed = false

    /// A connection, and by what its server process is told from every other.
    private struct Link {
        let connection: PostgresConnection
        let process: Process
    }

    struct Process: Sendable {
        let id: String
        let start: String
    }

    init(replica: String, session: JournalSession, clock: any Clock) {
        self.replica = replica
        self.session = session
        self.clock = clock
    }

    /// Answers for each request, in their order; the group's caller waits its turn.
    func write(_ requests: [GroupRequest]) async -> [GroupAnswer] {
        do throws(JournalFailure) {
            return try await attempt(requests)
        } catch {
            guard requests.count > 1, case .unwritable = error else {
                return requests.map { _ in .refused(error) }
            }
            // Somebody's values are to blame: the others go on without them.
            var answers: [GroupAnswer] = []
            for request in requests { answers += await write([request]) }
            return answers
        }
    }

    /// Ends the session; what is asked of it afterwards is refused.
    func close() async {
        isClosed = true
        await link?.connection.close()
        link = nil
    }

    /// Throws `unwritable` where the values of one caller cannot be written.
    private func attempt(_ requests: [GroupRequest]) async throws(JournalFailure) -> [GroupAnswer] {
        var last = JournalFailure.unavailable("\(place): closed")
        for _ in 0..<Self.attempts where !isClosed {
            let link: Link
            do throws(JournalFailure) {
                link = try await connected()
            } catch {
                last = error
                await pause()
                continue
            }
            lastNumber += 1
            let group = Transaction(requests, number: lastNumber, writer: self)
            do throws(PostgresFailure) {
                return try await group.run(on: link.connection)
            } catch {
                last = JournalFailure(error, at: place)
                await rollBack(link)
                if error.mayHaveTakenEffect {
                    guard let answers = group.answers else { throw last }
                    if try await happened(lastNumber, by: link.process) { return answers }
                } else if error.blamesValues {
                    throw .unwritable("\(place): \(error)")
                } else if !error.isPassing {
                    throw last
                }
            }
        }
        throw last
    }

    private func connected() async throws(JournalFailure) -> Link {
        if let link, await link.connection.isOpen { return link }
        let connection = try await session.open(.writing)
        let row: [String?]
        do throws(PostgresFailure) {
            row = try await connection.perform { (link) throws(PostgresFailure) in
                try link.query(
                    "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
                ).first ?? []
            }
        } catch {
            throw JournalFailure(error, at: place)
        }
        guard row.count == 2, let id = row[0], let start = row[1] else {
            throw .unavailable("\(place): pg_stat_activity does not show this session")
        }
        let made = Link(connection: connection, process: Process(id: id, start: start))
        link = made
        return made
    }

    /// What fails here closes the connection, and the server rolls back by itself.
    private func rollBack(_ link: Link) async {
        guard await link.connection.isOpen else { return }
        do throws(PostgresFailure) {
            try await link.connection.perform { (own) throws(PostgresFailure) in
                _ = try own.pipeline([PostgresCall("rollback", "ROLLBACK")], isOpenEnded: true)
            }
        } catch {
            await link.connection.close()
        }
    }

    /// Whether the transaction with this number was committed, once its session is gone for good.
    private func happened(
        _ number: Int64,
        by process: Process
    ) async throws(JournalFailure) -> Bool {
        var last = JournalFailure.unavailable("\(place): its outcome was not seen")
        let deadline = ContinuousClock.now.advanced(by: .seconds(Self.lookSeconds))
        repeat {
            do throws(JournalFailure) {
                let link = try await connected()
                if let answer = try await look(for: number, by: process, over: link) {
                    return answer
                }
            } catch {
                last = error
            }
            await pause()
        } while ContinuousClock.now < deadline
        throw .unavailable("\(last); whether the last commit happened is unknown")
    }

    /// Nil while the session that sent the commit is still there.
    private func look(
        for number: Int64,
        by process: Process,
        over link: Link
    ) async throws(JournalFailure) -> Bool? {
        let replica = replica
        do throws(PostgresFailure) {
            return try await link.connection.perform { (own) throws(PostgresFailure) -> Bool? in
                let left = try own.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE pid = $1::integer AND backend_start = $2::timestamptz
                    """,
                    [.text(process.id), .text(process.start)]
                )
                guard left.isEmpty else { return nil }
                // Rolled back, so that looking needs no commit of its own.
                try own.execute("BEGIN")
                let row = try own.query(
                    "SELECT last_commit FROM replicas WHERE id = $1 FOR UPDATE",
                    [.text(replica)]
                )
                try own.execute("ROLLBACK")
                return row.first?.first == String(number)
            }
        } catch {
            await link.connection.close()
            throw JournalFailure(error, at: place)
        }
    }

    private func pause() async {
        // Cancelled while waiting: the attempts end the sooner.
        try? await Task.sleep(for: .milliseconds(Self.pauseMilliseconds))
    }

    private var place: String { session.settings.place }
}

extension JournalWriter {
    /// One group's transaction, and what it decided before its end was asked for.
    private final class Transaction {
        private let requests: [GroupRequest]
        private let number: Int64
        private let replica: String
        private let settings: PostgresJournalSettings
        private let now: Date
        private(set) var answers: [GroupAnswer]?

        init(_ requests: [GroupRequest], number: Int64, writer: isolated JournalWriter) {
            self.requests = requests
            self.number = number
            replica = writer.replica
            settings = writer.session.settings
            now = writer.clock.now
        }

        func run(on connection: PostgresConnection) async throws(PostgresFailure) -> [GroupAnswer] {
            let locks = GroupLocks(for: requests)
            let claimTime = settings.claimTime
            let asked = locks.calls(
                schema: settings.schema,
                replica: replica,
                number: number,
                claimTime: claimTime
            )
            let found = try await connection.perform { (link) throws(PostgresFailure) in
                try link.pipeline(asked, isOpenEnded: true)
            }
            let rows = locks.read(found, of: asked)
            if let refusal = rows.refusal {
                try await end(on: connection)
                return requests.map { _ in .refused(refusal) }
            }
            let decision = GroupDecision(requests, rows, replica: replica, now: now)
            guard !decision.changes.isEmpty else {
                try await end(on: connection)
                return decision.answers
            }
            answers = decision.answers
            let calls = decision.changes.calls(
                claimTime: claimTime,
                channel: JournalChannel.name(of: settings.schema)
            )
            try await connection.perform { (link) throws(PostgresFailure) in
                _ = try link.pipeline(calls)
            }
            return decision.answers
        }

        /// Leaves everything as it was.
        private func end(on connection: PostgresConnection) async throws(PostgresFailure) {
            try await connection.perform { (link) throws(PostgresFailure) in
                let end = [PostgresCall("rollback", "ROLLBACK")]
                _ = try link.pipeline(end, isOpenEnded: true)
            }
        }
    }
}

extension PostgresFailure {
    /// Whether the same transaction may succeed when it is made again (appendix A).
    fileprivate var isPassing: Bool {
        guard case .sqlState(let code) = cause else { return phase != .connect }
        return switch code {
        // Serialization, deadlock, a row that another worker added first, a lock's time.
        case "40001", "40P01", "23505", "55P03": true
        // The server ends sessions, or this one's transaction.
        default: code.hasPrefix("57P") || code.hasPrefix("08") || code == "25P03"
        }
    }

    /// Whether the fault lies in what somebody wants to write: data, a constraint, a limit.
    fileprivate var blamesValues: Bool {
        if phase == .beforeSend, case .unusable = cause { return true }
        guard phase == .answered, let code = sqlState, code != "23505" else { return false }
        return ["22", "23", "54"].contains(code.prefix(2))
    }
}
