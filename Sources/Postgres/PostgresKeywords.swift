import CPostgres
import Glibc
import RekeyCore

/// The keywords of a connection, every one that matters said, so that no environment variable,
/// service file or password file has a say (libpq documentation, 34.1.2 and 34.15).
struct PostgresKeywords {
    private let plain: [(name: String, value: String)]
    private let password: Secret

    init(_ settings: PostgresSettings) throws(PostgresFailure) {
        let milliseconds = { (seconds: Double) in String(Int(seconds * 1000)) }
        let limits = settings.limits
        var plain = [
            ("host", settings.host),
            ("port", String(settings.port)),
            ("dbname", settings.database),
            ("user", settings.user),
            ("passfile", "/dev/null"),
            ("application_name", settings.applicationName),
            ("client_encoding", "UTF8"),
            ("connect_timeout", String(max(2, Int(limits.connectSeconds.rounded(.up))))),
            ("keepalives", "1"),
            ("keepalives_idle", "10"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", milliseconds(limits.callSeconds)),
            ("gssencmode", "disable"),
            ("target_session_attrs", "any"),
            (
                "options",
                "-c statement_timeout=\(milliseconds(limits.statementSeconds))"
                    + " -c lock_timeout=\(milliseconds(limits.lockSeconds))"
                    + " -c idle_in_transaction_session_timeout=\(milliseconds(limits.callSeconds))"
            ),
        ]
        switch settings.tls {
        case .verified(let path):
            // libpq does not speak TLS on a Unix socket, whatever sslmode says.
            guard !settings.host.hasPrefix("/") else {
                throw PostgresFailure("PQconnectStartParams", .beforeSend, .unusable("host"))
            }
            plain += [
                ("sslmode", "verify-full"),
                ("sslrootcert", path),
                ("ssl_min_protocol_version", "TLSv1.2"),
            ]
        case .disabled:
            plain += [("sslmode", "disable")]
        }
        // libpq treats an empty value as absent, and would look into the environment.
        for (name, value) in plain where value.isEmpty || value.utf8.contains(0) {
            throw PostgresFailure("PQconnectStartParams", .beforeSend, .unusable(name))
        }
        self.plain = plain
        password = settings.password
    }

    /// Begins to connect; the caller owns what is returned.
    func start() throws(PostgresFailure) -> OpaquePointer {
        let secret = try ErasedText(password, call: "PQconnectStartParams")
        let texts = unsafe plain.flatMap { unsafe [strdup($0.name), strdup($0.value)] }
        defer { unsafe texts.forEach { unsafe free($0) } }
        let connection = unsafe "password".withCString { passwordName in
            unsafe secret.withCString { passwordText in
                let pairs = stride(from: 0, to: plain.count * 2, by: 2)
                var names = unsafe pairs.map { unsafe UnsafePointer(texts[$0]) }
                var values = unsafe pairs.map { unsafe UnsafePointer(texts[$0 + 1]) }
                unsafe names += [passwordName, nil]
                unsafe values += [passwordText, nil]
                return unsafe PQconnectStartParams(names, values, 0)
            }
        }
        guard let connection = unsafe connection else {
            throw PostgresFailure("PQconnectStartParams", .connect, .unusable("memory"))
        }
        return unsafe connection
    }
}
