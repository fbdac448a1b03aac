import CPostgres
import Glibc

/// Which results a pipeline still owes: one for each plan to be made, and one for each call.
private struct PipelineAnswers {
    var rows: [[[String?]]] = []
    var planned: [String] = []
    var failure: PostgresFailure?
}

extension PostgresHandle {
    /// Sends `calls` at once and reads their answers in order, in one round trip.
    ///
    /// The first that fails is thrown; those after it did not run. `known` names the plans that
    /// the server has, and gets those that it makes. Where no answer comes the connection is
    /// closed, and that is reported as `phase`.
    mutating func pipeline(
        _ calls: [PostgresCall],
        known: inout Set<String>,
        losing phase: PostgresFailure.Phase,
        until deadline: ContinuousClock.Instant,
        _ wait: PostgresWait
    ) throws(PostgresFailure) -> [[[String?]]] {
        let answers: PipelineAnswers
        do throws(PostgresFailure) {
            answers = try exchange(calls, known, losing: phase, until: deadline, wait)
        } catch {
            if error.phase == phase { close() }
            throw error
        }
        known.formUnion(answers.planned)
        if let failure = answers.failure {
            // What ended the session leaves a connection that is of no use.
            if failure.phase == phase { close() }
            throw failure
        }
        return answers.rows
    }

    private func exchange(
        _ calls: [PostgresCall],
        _ known: Set<String>,
        losing phase: PostgresFailure.Phase,
        until deadline: ContinuousClock.Instant,
        _ wait: PostgresWait
    ) throws(PostgresFailure) -> PipelineAnswers {
        let label = calls.first?.name ?? "pipeline"
        if let call = calls.first(where: { $0.parameters.contains(where: \.holdsNullCharacter) }) {
            throw PostgresFailure(call.name, .beforeSend, .unusable("text with a null"))
        }
        return try unsafe withConnection(label) { connection throws(PostgresFailure) in
            let link = unsafe PipelineLink(connection, label, phase, deadline, wait)
            guard unsafe PQenterPipelineMode(connection) == 1 else {
                throw link.lost(.connectionLost)
            }
            var planned = known
            var isPlan: [(isPlan: Bool, name: String)] = []
            for call in calls {
                if planned.insert(call.name).inserted {
                    guard unsafe PQsendPrepare(connection, call.name, call.sql, 0, nil) == 1 else {
                        throw link.lost(.connectionLost)
                    }
                    isPlan.append((true, call.name))
                }
                guard unsafe call.send(on: connection) else { throw link.lost(.connectionLost) }
                isPlan.append((false, call.name))
                // So that neither side's buffer fills up while the other is not read.
                _ = unsafe PQflush(connection)
            }
            guard unsafe PQpipelineSync(connection) == 1 else { throw link.lost(.connectionLost) }
            try link.flush()
            var answers = PipelineAnswers()
            for (isPlan, name) in isPlan {
                try link.read(name, isPlan: isPlan, into: &answers)
            }
            try link.readSync()
            guard unsafe PQexitPipelineMode(connection) == 1 else {
                throw link.lost(.connectionLost)
            }
            return answers
        }
    }
}

/// One pipeline's way to and from the server.
@safe private struct PipelineLink {
    private let connection: OpaquePointer
    private let label: String
    private let phase: PostgresFailure.Phase
    private let deadline: ContinuousClock.Instant
    private let wait: PostgresWait

    init(
        _ connection: OpaquePointer,
        _ label: String,
        _ phase: PostgresFailure.Phase,
        _ deadline: ContinuousClock.Instant,
        _ wait: PostgresWait
    ) {
        unsafe self.connection = connection
        self.label = label
        self.phase = phase
        self.deadline = deadline
        self.wait = wait
    }

    func lost(_ cause: PostgresFailure.Cause) -> PostgresFailure {
        PostgresFailure(label, phase, cause)
    }

    func flush() throws(PostgresFailure) {
        while true {
            switch unsafe PQflush(connection) {
            case 0: return
            case 1: try pause(POLLIN | POLLOUT)
            default: throw lost(.connectionLost)
            }
            // The server stops reading while nobody reads its answers.
            guard unsafe PQconsumeInput(connection) == 1 else { throw lost(.connectionLost) }
        }
    }

    /// Reads the results of one command, up to the null that ends them.
    func read(
        _ name: String,
        isPlan: Bool,
        into answers: inout PipelineAnswers
    ) throws(PostgresFailure) {
        var rows: [[String?]] = []
        var isDone = false
        while let result = unsafe try next() {
            defer { unsafe PQclear(result) }
            // What follows a failure did not run.
            guard unsafe PQresultStatus(result) != PGRES_PIPELINE_ABORTED else { continue }
            if let failure = unsafe PostgresResult.failure(
                result,
                name,
                { PostgresFailure(name, phase, $0) }
            ) {
                answers.failure = answers.failure ?? failure
            } else {
                isDone = true
                rows = unsafe PostgresResult.answer(result).rows
            }
        }
        guard isDone else {
            // A lost connection answers for one command only.
            guard answers.failure != nil, unsafe PQstatus(connection) == CONNECTION_OK else {
                throw answers.failure ?? lost(.connectionLost)
            }
            return
        }
        if isPlan { answers.planned.append(name) } else { answers.rows.append(rows) }
    }

    func readSync() throws(PostgresFailure) {
        guard let result = unsafe try next() else { throw lost(.connectionLost) }
        defer { unsafe PQclear(result) }
        guard unsafe PQresultStatus(result) == PGRES_PIPELINE_SYNC else {
            throw lost(.connectionLost)
        }
    }

    private func next() throws(PostgresFailure) -> OpaquePointer? {
        while unsafe PQisBusy(connection) == 1 {
            try pause(POLLIN)
            guard unsafe PQconsumeInput(connection) == 1 else { break }
        }
        return unsafe PQgetResult(connection)
    }

    private func pause(_ events: Int32) throws(PostgresFailure) {
        switch wait.wait(for: unsafe PQsocket(connection), events, until: deadline) {
        case .ready: break
        case .timedOut: throw lost(.timedOut)
        case .interrupted: throw lost(.cancelled)
        }
    }
}
