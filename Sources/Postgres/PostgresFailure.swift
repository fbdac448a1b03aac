/// Why a call to libpq did not succeed: codes and names, never a message or a statement.
package struct PostgresFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// How far the call had come, which decides what may have changed.
    package enum Phase: String, Sendable {
        /// No session yet.
        case connect
        /// Nothing was sent.
        case beforeSend
        /// Something was sent, but not the `COMMIT` without which it has no effect.
        case uncommitted
        /// It was sent, and no answer came: it may have taken effect.
        case sent
        /// The server answered with an error, so that the statement had no effect.
        case answered
    }

    /// What went wrong.
    package enum Cause: Equatable, Sendable {
        /// The server's own code (PostgreSQL documentation, appendix A).
        case sqlState(String)
        case timedOut
        case cancelled
        case connectionLost
        /// Nobody accepts connections there.
        case unreachable
        /// No trusted TLS: no TLS offered, a wrong certificate or a wrong name.
        case untrusted
        /// A value or setting that cannot be sent, by its name.
        case unusable(String)
    }

    package let call: String
    package let phase: Phase
    package let cause: Cause
    /// `ERROR` or `FATAL`, in English whatever the server speaks.
    package let severity: String?
    package let constraint: String?

    package init(
        _ call: String,
        _ phase: Phase,
        _ cause: Cause,
        severity: String? = nil,
        constraint: String? = nil
    ) {
        self.call = call
        self.phase = phase
        self.cause = cause
        self.severity = severity
        self.constraint = constraint
    }

    /// The server's code, where it gave one.
    package var sqlState: String? {
        if case .sqlState(let code) = cause { code } else { nil }
    }

    /// Whether the statement, or the transaction that it ended, may have taken effect.
    package var mayHaveTakenEffect: Bool { phase == .sent }

    package var description: String {
        let constraint = constraint.map { " constraint \($0)" } ?? ""
        return "\(call): \(cause) (\(phase.rawValue))\(constraint)"
    }
}

extension PostgresFailure.Cause: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sqlState(let code): code
        case .timedOut: "timed out"
        case .cancelled: "cancelled"
        case .connectionLost: "connection lost"
        case .unreachable: "unreachable"
        case .untrusted: "no trusted TLS"
        case .unusable(let what): "unusable \(what)"
        }
    }
}
