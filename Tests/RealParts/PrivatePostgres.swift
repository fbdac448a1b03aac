import Foundation
import Glibc

/// A PostgreSQL server of this test process alone: loopback, own port, SCRAM for everybody, TLS on.
package final class PrivatePostgres: Sendable {
    package let host = "127.0.0.1"
    /// The name that the server's certificate is for.
    package let tlsHost = "localhost"
    package let port: Int
    package let user = "postgres"
    package let password: String
    package let caPath: String
    /// The path of `psql`.
    package let client: String

    private let directory: TemporaryDirectory
    private let process: ChildProcess
    private let passwordFile: String

    /// The server that all tests of this process share; started on first use.
    package static func shared() async throws -> PrivatePostgres { try await once.value }

    private static let once = Task { try await PrivatePostgres.start() }

    /// Starts another server, for tests that break it; ended when dropped.
    package static func start() async throws -> PrivatePostgres {
        let programs = try PostgresPrograms()
        let directory = try TemporaryDirectory("postgres")
        let password = TestPassword.make()
        try directory.write(password, to: "initial")
        try await programs.initialise(directory, passwordFile: directory.file("initial"))
        let authority = try await TestCA.shared()
        let port = try FreePort.next()
        try await programs.configure(directory, identity: authority.issue(), port: port)
        let process = try programs.serve(directory)
        let server = try PrivatePostgres(
            port: port,
            password: password,
            caPath: authority.certificatePath,
            client: programs.client,
            directory: directory,
            process: process
        )
        try await eventually(within: .seconds(30), "PostgreSQL accepts statements") {
            guard process.isRunning else { throw PartFailure("it ended: \(process.errors)") }
            return try await server.psql("SELECT 1") == "1"
        }
        return server
    }

    private init(
        port: Int,
        password: String,
        caPath: String,
        client: String,
        directory: TemporaryDirectory,
        process: ChildProcess
    ) throws {
        self.port = port
        self.password = password
        self.caPath = caPath
        self.client = client
        self.directory = directory
        self.process = process
        passwordFile = try directory.write("*:*:*:*:\(password)\n", to: "pgpass")
    }

    /// What the server has logged: its whole standard error.
    package var log: String { process.errors }

    /// The file of that log, for who reads it as it grows.
    package var logPath: String { process.errorsPath }

    /// Runs `statements` as the superuser and returns unaligned rows, fields separated by `|`.
    ///
    /// They go through standard input, so nothing of them shows in an argument list.
    @discardableResult
    package func psql(_ statements: String, database: String = "postgres") async throws -> String {
        let outcome = try await ChildProcess.run(
            client,
            Self.plainly,
            environment: environment(database),
            input: .bytes(Array(statements.utf8))
        )
        guard outcome.succeeded else {
            throw PartFailure("psql: \(outcome.exit): \(outcome.errors.prefix(400))")
        }
        return outcome.output.trimmingCharacters(in: .newlines)
    }

    /// A session as the superuser that runs `statements`, and then waits for more.
    package func startPsql(
        _ statements: String,
        database: String = "postgres"
    ) throws -> ChildProcess {
        let session = try ChildProcess(
            client,
            Self.plainly,
            environment: environment(database),
            input: .pipe
        )
        try session.write(Array(statements.utf8))
        return session
    }

    private static let plainly = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]

    private func environment(_ database: String) -> [String: String] {
        var environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
        environment["PGPASSFILE"] = passwordFile
        environment["PGHOST"] = host
        environment["PGPORT"] = "\(port)"
        environment["PGUSER"] = user
        environment["PGDATABASE"] = database
        environment["PGCONNECT_TIMEOUT"] = "10"
        return environment
    }

    /// Makes an empty database, `owner`'s if given.
    package func makeDatabase(_ name: String, owner: String? = nil) async throws {
        let clause = owner.map { " OWNER \"\($0)\"" } ?? ""
        try await psql("CREATE DATABASE \"\(name)\"\(clause)")
    }

    /// Switches `log_statement=all`, and returns when new connections see it.
    package func logAllStatements(_ on: Bool) async throws {
        let value = on ? "all" : "none"
        try await psql("ALTER SYSTEM SET log_statement = '\(value)'")
        try await psql("SELECT pg_reload_conf()")
        try await eventually("log_statement is \(value)") {
            try await psql("SHOW log_statement") == value
        }
    }

    /// A connection string with user and password, for `database` as the superuser.
    package func url(database: String = "postgres", tls: Bool = false) -> String {
        let mode = tls ? "?sslmode=verify-full&sslrootcert=\(caPath)" : ""
        let name = tls ? tlsHost : host
        return "postgres://\(user):\(password)@\(name):\(port)/\(database)\(mode)"
    }

    /// Stops the world of this server: nothing answers until `resume()`.
    package func pause() { signalAll(SIGSTOP) }

    package func resume() { signalAll(SIGCONT) }

    /// Ends it as a crash would.
    package func kill() async throws {
        process.kill()
        try await process.waitForExit()
    }

    /// Ends it in order; open connections are cut.
    package func stop() async throws {
        process.signal(SIGINT)
        try await process.waitForExit()
    }

    /// The ids of the server and of its children, each of which leads a session of its own.
    package var processes: [Int32] { [process.pid] + ProcessSession.children(of: process.pid) }

    private func signalAll(_ number: Int32) {
        for pid in processes { _ = Glibc.kill(pid, number) }
    }
}
