import Foundation
import Glibc

/// Where PostgreSQL's programs are, and as whom they must run: `initdb` and `postgres` refuse root.
struct PostgresPrograms {
    private static let root = "/usr/lib/postgresql"
    private static let unprivilegedUser = "postgres"

    private let directory: String

    /// The client itself: what Debian calls `psql` looks in Perl for which one is meant.
    var client: String { "\(directory)/psql" }

    /// Takes the newest version installed where Debian puts them.
    init() throws {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: Self.root)) ?? []
        guard let newest = versions.compactMap({ Int($0) }).max() else {
            throw PartFailure("no PostgreSQL under \(Self.root): run deploy/setup.sh")
        }
        directory = "\(Self.root)/\(newest)/bin"
    }

    func initialise(_ files: TemporaryDirectory, passwordFile: String) async throws {
        let data = files.file("data")
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
        try await handOver([data, passwordFile])
        let arguments = [
            "-D", data, "-U", "postgres", "--pwfile=\(passwordFile)", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
        ]
        let command = unprivileged("\(directory)/initdb", arguments)
        let outcome = try await ChildProcess.run(
            command[0],
            Array(command.dropFirst()),
            workingDirectory: files.path
        )
        guard outcome.succeeded else {
            throw PartFailure("initdb: \(outcome.exit): \(outcome.errors.suffix(400))")
        }
        try FileManager.default.removeItem(atPath: passwordFile)
    }

    func configure(
        _ files: TemporaryDirectory,
        identity: TestCA.Identity,
        port: Int
    ) async throws {
        let settings = """
            listen_addresses = '127.0.0.1'
            port = \(port)
            unix_socket_directories = ''
            password_encryption = 'scram-sha-256'
            max_connections = 200
            ssl = on
            log_line_prefix = '%m [%p] %q%u@%d '
            log_min_messages = 'info'
            timezone = 'UTC'
            """
        let data = files.file("data")
        try append(settings, to: "\(data)/postgresql.conf")
        try Data("host all all 127.0.0.1/32 scram-sha-256\n".utf8)
            .write(to: URL(fileURLWithPath: "\(data)/pg_hba.conf"))
        let certificate = "\(data)/server.crt"
        let key = "\(data)/server.key"
        try FileManager.default.copyItem(atPath: identity.certificatePath, toPath: certificate)
        try FileManager.default.copyItem(atPath: identity.keyPath, toPath: key)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        try await handOver([certificate, key])
    }

    /// Starts the server; SIGQUIT, its last signal, ends it at once and frees its shared memory.
    func serve(_ files: TemporaryDirectory) throws -> ChildProcess {
        let command = unprivileged("\(directory)/postgres", ["-D", files.file("data")])
        return try ChildProcess(
            command[0],
            Array(command.dropFirst()),
            workingDirectory: files.path,
            lastSignal: .quit
        )
    }

    /// `setpriv` replaces itself by the program, so signals reach the server (`runuser` stays).
    private func unprivileged(_ program: String, _ arguments: [String]) -> [String] {
        guard geteuid() == 0 else { return [program] + arguments }
        let user = Self.unprivilegedUser
        let change = ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"]
        return change + [program] + arguments
    }

    private func handOver(_ paths: [String]) async throws {
        guard geteuid() == 0 else { return }
        let owner = "\(Self.unprivilegedUser):\(Self.unprivilegedUser)"
        let outcome = try await ChildProcess.run("chown", [owner] + paths)
        guard outcome.succeeded else { throw PartFailure("chown: \(outcome.errors)") }
    }

    private func append(_ text: String, to path: String) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("\n\(text)\n".utf8))
        try handle.close()
    }
}
