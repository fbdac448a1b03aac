import CPostgres
import Glibc
import RekeyCore

/// What a statement gave: rows in text form, and how many rows a change concerned.
struct PostgresAnswer {
    var rows: [[String?]] = []
    var changedCount = 0
    /// The command's tag, such as `COMMIT` or `ROLLBACK`.
    var tag = ""
}

extension PostgresHandle {
    /// Sends one statement and waits for its answer; the connection is closed where none comes.
    ///
    /// A lost answer is reported as `phase`.
    mutating func run(
        _ statement: borrowing ErasedStatement,
        losing phase: PostgresFailure.Phase,
        until deadline: ContinuousClock.Instant,
        _ wait: PostgresWait
    ) throws(PostgresFailure) -> PostgresAnswer {
        do throws(PostgresFailure) {
            return try exchange(statement, losing: phase, until: deadline, wait)
        } catch {
            // A connection with an answer outstanding is of no use, and its transaction must end.
            if error.phase == phase, phase != .answered { close() }
            throw error
        }
    }

    private func exchange(
        _ statement: borrowing ErasedStatement,
        losing phase: PostgresFailure.Phase,
        until deadline: ContinuousClock.Instant,
        _ wait: PostgresWait
    ) throws(PostgresFailure) -> PostgresAnswer {
        let label = statement.label
        let lost = { (cause: PostgresFailure.Cause) in PostgresFailure(label, phase, cause) }
        return try unsafe withConnection(label) { connection throws(PostgresFailure) in
            func pause(_ events: Int32) throws(PostgresFailure) {
                switch wait.wait(for: unsafe PQsocket(connection), events, until: deadline) {
                case .ready: break
                case .timedOut: throw lost(.timedOut)
                case .interrupted: throw lost(.cancelled)
                }
            }
            guard unsafe statement.send(on: connection) else { throw lost(.connectionLost) }
            while unsafe PQflush(connection) == 1 {
                try pause(POLLIN | POLLOUT)
                // What it cannot read now it reports when the answer is due.
                _ = unsafe PQconsumeInput(connection)
            }
            var answer = PostgresAnswer()
            var failure: PostgresFailure?
            while true {
                while unsafe PQisBusy(connection) == 1 {
                    try pause(POLLIN)
                    guard unsafe PQconsumeInput(connection) == 1 else { break }
                }
                guard let result = unsafe PQgetResult(connection) else { break }
                defer { unsafe PQclear(result) }
                if let trouble = unsafe PostgresResult.failure(result, label, lost) {
                    failure = failure ?? trouble
                } else {
                    answer = unsafe PostgresResult.answer(result)
                }
            }
            if let failure { throw failure }
            guard unsafe PQstatus(connection) == CONNECTION_OK else { throw lost(.connectionLost) }
            return answer
        }
    }

    /// What `secret` becomes before it is sent: PostgreSQL's SCRAM-SHA-256 verifier for `role`.
    func scramVerifier(of secret: Secret, role: String) throws(PostgresFailure) -> Secret {
        let call = "PQencryptPasswordConn"
        let text = try ErasedText(secret, call: call)
        return try unsafe withConnection(call) { connection throws(PostgresFailure) in
            let made = unsafe text.withCString { password in
                unsafe PQencryptPasswordConn(connection, password, role, "scram-sha-256")
            }
            guard let made = unsafe made else {
                throw PostgresFailure(call, .beforeSend, .unusable("password"))
            }
            let count = unsafe strlen(made)
            defer {
                unsafe explicit_bzero(made, count)
                unsafe PQfreemem(made)
            }
            return unsafe Secret(copying: UnsafeRawBufferPointer(start: made, count: count))
        }
    }
}
