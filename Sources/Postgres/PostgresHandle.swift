import CPostgres
import Glibc
import RekeyCore

/// A `PGconn` with one owner, used by one thread, closed when it is dropped.
///
/// Nothing here blocks without a deadline: libpq's own blocking calls know none for a server that
/// has stopped (`connect_timeout` is ignored by `PQconnectPoll`, `tcp_user_timeout` does not help
/// while the other side's kernel acknowledges).
@safe struct PostgresHandle: ~Copyable {
    private var connection: OpaquePointer?

    init() { unsafe connection = nil }

    deinit { unsafe PQfinish(connection) }

    var isOpen: Bool {
        guard let connection = unsafe connection else { return false }
        return unsafe PQstatus(connection) == CONNECTION_OK
    }

    mutating func close() {
        unsafe PQfinish(connection)
        unsafe connection = nil
    }

    /// Lends the connection, or throws where there is none.
    borrowing func withConnection<Result: ~Copyable>(
        _ call: String,
        _ body: (OpaquePointer) throws(PostgresFailure) -> Result
    ) throws(PostgresFailure) -> Result {
        guard let connection = unsafe connection else {
            throw PostgresFailure(call, .beforeSend, .connectionLost)
        }
        return try unsafe body(connection)
    }

    /// Connects and signs in.
    mutating func connect(
        _ settings: PostgresSettings,
        _ wait: PostgresWait
    ) throws(PostgresFailure) {
        close()
        unsafe connection = try PostgresKeywords(settings).start()
        let deadline = ContinuousClock.now.advanced(by: .seconds(settings.limits.connectSeconds))
        try unsafe withConnection("PQconnectStartParams") { connection throws(PostgresFailure) in
            // So that a refusal's text is its code and nothing else (libpq 12 and later).
            unsafe PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
            // Notices may quote a statement, and by default go to standard error.
            unsafe PQsetNoticeReceiver(connection, { _, _ in }, nil)
            var next = PGRES_POLLING_WRITING
            while next != PGRES_POLLING_OK {
                guard next != PGRES_POLLING_FAILED, unsafe PQstatus(connection) != CONNECTION_BAD
                else { throw unsafe Self.connectFailure(connection) }
                let events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT
                let socket = unsafe PQsocket(connection)
                switch wait.wait(for: socket, events, until: deadline) {
                case .ready: next = unsafe PQconnectPoll(connection)
                case .timedOut: throw PostgresFailure("PQconnectPoll", .connect, .timedOut)
                case .interrupted: throw PostgresFailure("PQconnectPoll", .connect, .cancelled)
                }
            }
            guard unsafe settings.tls == .disabled || PQsslInUse(connection) == 1 else {
                throw PostgresFailure("PQsslInUse", .connect, .untrusted)
            }
            guard unsafe PQsetnonblocking(connection, 1) == 0 else {
                throw PostgresFailure("PQsetnonblocking", .connect, .connectionLost)
            }
        }
    }

    /// What libpq's text means, of which only a code or a known phrase is kept.
    private static func connectFailure(_ connection: OpaquePointer) -> PostgresFailure {
        let text = unsafe String(cString: PQerrorMessage(connection))
        let name = "PQconnectPoll"
        if let code = sqlState(endingIn: text) {
            return PostgresFailure(name, .connect, .sqlState(code), severity: "FATAL")
        }
        return PostgresFailure(name, .connect, isLasting(text) ? .untrusted : .unreachable)
    }

    /// Whether a text of libpq's tells of a server that cannot be trusted however often it is
    /// asked; the host that it quotes may be called anything.
    static func isLasting(_ text: String) -> Bool {
        text.split(separator: "\n").contains { line in
            guard let start = line.firstRange(of: " failed: ") else { return false }
            let reason = line[start.upperBound...]
            return lastingPhrases.contains { reason.contains($0) }
        }
    }

    /// What libpq 15 and OpenSSL say of it, behind `connection to server at "…", port … failed:`.
    ///
    /// A handshake that is cut ("SSL SYSCALL error: EOF detected", "unexpected eof while reading",
    /// "Connection reset by peer"), as by a fail-over or a restarting proxy, is none of them.
    private static let lastingPhrases = [
        "certificate", "does not support SSL", "SSL negotiation", "protocol", "alert",
    ]

    /// The code in `connection to server at … failed: FATAL:  28P01`.
    static func sqlState(endingIn text: String) -> String? {
        guard let last = text.split(whereSeparator: \.isWhitespace).last, last.count == 5 else {
            return nil
        }
        let isCode = last.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) }
        return isCode && text.contains(":  \(last)") ? String(last) : nil
    }
}
