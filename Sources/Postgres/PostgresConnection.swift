package import RekeyCore
import RekeyPlatform

/// One connection to PostgreSQL and the thread that alone uses it, as libpq requires.
///
/// Every call ends within `PostgresLimits`: where no answer comes the connection is closed, and
/// the failure says whether something may have changed. A cancelled task does the same at once
/// (`PQcancel` of libpq 15 would open a second connection, and without TLS). A closed connection
/// stays closed.
package actor PostgresConnection {
    private let thread = DedicatedThread(name: "postgres")
    private let wait = PostgresWait()
    private let settings: PostgresSettings
    private var handle = PostgresHandle()
    private var transaction: Transaction?
    /// The names of the statements whose plans the server keeps.
    private var plans: Set<String> = []

    /// A transaction in hand: when its time is up, and whether its end was asked for.
    private struct Transaction {
        let deadline: ContinuousClock.Instant
        var isEnding = false
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    private init(_ settings: PostgresSettings) { self.settings = settings }

    isolated deinit { thread.checkIsolated() }

    /// Connects and signs in, with the password and by TLS as the settings say, or not at all.
    package static func open(
        _ settings: PostgresSettings
    ) async throws(PostgresFailure) -> PostgresConnection {
        let connection = PostgresConnection(settings)
        try await connection.perform { (own) throws(PostgresFailure) in try own.connect() }
        return connection
    }

    package var isOpen: Bool { handle.isOpen }

    /// Ends the session; a transaction in hand is rolled back.
    package func close() { handle.close() }

    /// Runs `body` on the connection's thread, undisturbed by other callers.
    ///
    /// When the task is cancelled the connection closes, and the statement in hand fails, unless
    /// the settings say otherwise.
    package func perform<Result: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws(PostgresFailure) -> Result
    ) async throws(PostgresFailure) -> Result {
        guard settings.closesWhenCancelled else { return try body(self) }
        let wait = wait
        let outcome = await withTaskCancellationHandler {
            Swift.Result { () throws(PostgresFailure) in try body(self) }
        } onCancel: {
            wait.interrupt()
        }
        return try outcome.get()
    }

    /// Runs `body` between `BEGIN` and `COMMIT`, all of it within `callSeconds`.
    ///
    /// What `body` throws rolls back. A connection lost before the `COMMIT` was sent has changed
    /// nothing, and the failure says so; after it the failure may have taken effect.
    package func transaction<Result: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws(PostgresFailure) -> Result
    ) async throws(PostgresFailure) -> Result {
        try await perform { (own) throws(PostgresFailure) in try own.inTransaction(body) }
    }

    /// The rows of `sql`, each value in PostgreSQL's text form.
    @discardableResult
    package func query(
        _ sql: String,
        _ parameters: [PostgresValue] = []
    ) throws(PostgresFailure) -> [[String?]] {
        try run(ErasedStatement(sql, parameters)).rows
    }

    /// How many rows `sql` changed.
    @discardableResult
    package func execute(
        _ sql: String,
        _ parameters: [PostgresValue] = []
    ) throws(PostgresFailure) -> Int {
        try run(ErasedStatement(sql, parameters)).changedCount
    }

    /// Runs a command with quoted names and literals.
    package func execute(_ statement: PostgresStatement) throws(PostgresFailure) {
        let label = statement.label
        let text = try unsafe handle.withConnection(label) { connection throws(PostgresFailure) in
            try unsafe ErasedStatement(statement, on: connection)
        }
        _ = try run(text)
    }

    /// Sends `calls` at once and answers with the rows of each: one round trip for all.
    ///
    /// The first that fails is thrown, and those after it did not run. The caller begins and ends
    /// the transaction; `isOpenEnded` says that no `COMMIT` is among the calls, so that a lost
    /// connection has changed nothing.
    package func pipeline(
        _ calls: [PostgresCall],
        isOpenEnded: Bool = false
    ) throws(PostgresFailure) -> [[[String?]]] {
        try handle.pipeline(
            calls,
            known: &plans,
            losing: isOpenEnded ? .uncommitted : .sent,
            until: deadline(),
            wait
        )
    }

    /// What `LISTEN` brought, as soon as there is any; empty after `seconds` without.
    package func notifications(within seconds: Double) throws(PostgresFailure) -> [String] {
        try handle.notifications(until: .now.advanced(by: .seconds(seconds)), wait)
    }

    /// Runs `body`, and where it fails in a way that `isExpected`, undoes only what it did.
    ///
    /// Returns whether it succeeded. Only within a transaction.
    package func attempt(
        unless isExpected: (PostgresFailure) -> Bool,
        _ body: (isolated PostgresConnection) throws(PostgresFailure) -> Void
    ) throws(PostgresFailure) -> Bool {
        precondition(transaction != nil, "A savepoint needs a transaction.")
        try execute("SAVEPOINT attempt")
        do throws(PostgresFailure) {
            try body(self)
            return true
        } catch {
            guard error.phase == .answered, isExpected(error) else { throw error }
            try execute("ROLLBACK TO SAVEPOINT attempt")
            return false
        }
    }

    /// The SCRAM-SHA-256 verifier of `secret` for `role`, made here, with a new salt each time.
    package func scramVerifier(
        of secret: Secret,
        role: String
    ) throws(PostgresFailure) -> Secret {
        try handle.scramVerifier(of: secret, role: role)
    }

    private func connect() throws(PostgresFailure) { try handle.connect(settings, wait) }

    private func inTransaction<Result>(
        _ body: (isolated PostgresConnection) throws(PostgresFailure) -> Result
    ) throws(PostgresFailure) -> Result {
        precondition(transaction == nil, "A transaction within a transaction.")
        transaction = Transaction(deadline: deadline())
        defer { transaction = nil }
        try execute("BEGIN")
        let result: Result
        do throws(PostgresFailure) {
            result = try body(self)
        } catch {
            // The first failure is the one to report; a connection that cannot roll back is lost,
            // and the server rolls back by itself.
            do throws(PostgresFailure) { try execute("ROLLBACK") } catch { close() }
            throw error
        }
        transaction?.isEnding = true
        let answer = try run(ErasedStatement("COMMIT", []))
        guard answer.tag == "COMMIT" else {
            throw PostgresFailure("COMMIT", .answered, .sqlState("25P02"))
        }
        return result
    }

    private func run(
        _ statement: consuming ErasedStatement
    ) throws(PostgresFailure) -> PostgresAnswer {
        let isUncommitted = transaction.map { !$0.isEnding } ?? false
        return try handle.run(
            statement,
            losing: isUncommitted ? .uncommitted : .sent,
            until: transaction?.deadline ?? deadline(),
            wait
        )
    }

    private func deadline() -> ContinuousClock.Instant {
        .now.advanced(by: .seconds(settings.limits.callSeconds))
    }
}
