import Foundation
import Glibc
import RealParts
import RekeyCore
import RekeyPlatform
import StandInParts

extension Estate {
    /// The names of the credentials that rotate as a stream.
    static func streamed(_ count: Int) -> [String] { (0..<count).map { "stream-\($0)" } }

    /// Writes `rekey.yaml` anew: the journal in PostgreSQL, as an ordinary user, and a stream of
    /// database roles that are due when they are first seen, a few at a time.
    func shareJournal(streaming count: Int) async throws {
        let password = TestPassword.make()
        try folder.write(password, to: "journal")
        try await postgres.psql("CREATE ROLE \(journalName) LOGIN PASSWORD '\(password)'")
        try await postgres.makeDatabase(journalName, owner: journalName)
        for name in Self.streamed(count) { try await makeStreamed(name) }
        let entries = Self.streamed(count).map { name in
            """
              - name: \(name)
                carrier: {vault: app, name: \(name), format: url}
                target:
                  postgres:
                    host: localhost
                    port: \(postgres.port)
                    database: \(roles.database)
                    tls: {mode: verify-full, ca: \(postgres.caPath)}
                    administrator:
                      user: rekey_\(number)
                      password: file:\(folder.file("administrator"))
                    accounts: [\(role(name, "a")), \(role(name, "b"))]
                    owner: \(roles.owner)

            """
        }
        try writeConfiguration([
            ("journal: {sqlite: \(journalPath)}", "journal: {postgres: \(journalSection)}"),
            (
                "worker: {sweepEvery: \(options.sweepEvery)}",
                "worker: {sweepEvery: 1s, adoptionsPerSweep: 1, claim: 3s}"
            ),
            ("grace: \(options.grace)", "grace: \(options.grace)\n    deadlines: {call: 2s}"),
            ("secrets:\n", "secrets:\n" + entries.joined()),
        ])
    }

    var journalName: String { "journal_\(number)" }

    private var journalSection: String {
        "{host: localhost, port: \(postgres.port), database: \(journalName), "
            + "user: \(journalName), password: \"file:\(folder.file("journal"))\", "
            + "tls: {mode: verify-full, ca: \(postgres.caPath)}}"
    }

    /// The role of a streamed credential that has the second turn, and its sibling.
    func role(_ secret: String, _ turn: String) -> String {
        "\(secret.replacing("-", with: "_"))_\(number)_\(turn)"
    }

    private func makeStreamed(_ name: String) async throws {
        let (first, second) = (role(name, "a"), role(name, "b"))
        let password = TestPassword.make()
        try folder.write(password, to: name)
        try await postgres.psql(
            """
            CREATE ROLE \(first) LOGIN PASSWORD '\(password)';
            CREATE ROLE \(second) NOLOGIN;
            GRANT \(roles.owner) TO \(first), \(second);
            ALTER ROLE \(first) SET role = '\(roles.owner)';
            ALTER ROLE \(second) SET role = '\(roles.owner)';
            GRANT \(first), \(second) TO rekey_\(number) WITH ADMIN OPTION;
            """
        )
        try await azure.control(
            .put,
            "/vaults/app/secrets/\(name)",
            [
                "name": name, "valueFrom": "file:\(folder.file(name))",
                "template": "postgres://\(first):{value}@localhost:\(postgres.port)/"
                    + roles.database,
                "expiresInSeconds": 86_400,
            ]
        )
    }

    /// What `statements` answer in the journal's tables, as the superuser.
    func journal(_ statements: String) async throws -> String {
        try await postgres.psql("SET search_path TO rekey;\n\(statements)", database: journalName)
    }

    /// Starts `rekey worker`, which tells its health at `port` where there is one.
    func startReplica(listeningAt port: Int? = nil) throws -> ChildProcess {
        guard let port else { return try start("worker") }
        let text = try String(contentsOfFile: configurationPath, encoding: .utf8)
        let own = text.replacing("claim: 3s}", with: "claim: 3s, listen: \"127.0.0.1:\(port)\"}")
        return try start("worker", config: try folder.write(own, to: "listening.yaml"))
    }

    /// What such a worker answers with 200; nil otherwise.
    func answer(at port: Int, _ path: String) async throws -> String? {
        let request = HTTPRequest(.get, "http://127.0.0.1:\(port)\(path)")
        let response = try await http.send(request)
        guard response.status == 200 else { return nil }
        return response.body.reveal { span in
            unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The process that holds a claim now; nil where none does.
    func claimHolder() async throws -> Int32? {
        let holder = try await journal(
            "SELECT holder FROM claims WHERE holder IS NOT NULL ORDER BY until DESC LIMIT 1"
        )
        let parts = holder.split(separator: "/")
        return parts.count == 3 ? Int32(parts[1]) : nil
    }

    /// How many rotations are closed, and whether anything is left to do.
    func progress() async throws -> (closed: Int, isQuiet: Bool) {
        let row = try await journal(
            """
            SELECT (SELECT count(*) FROM rotations WHERE NOT is_open),
                (SELECT count(*) FROM rotations WHERE is_open)
                + (SELECT count(*) FROM inbox) + (SELECT count(*) FROM outbox)
            """
        ).split(separator: "|")
        return (row.first.flatMap { Int($0) } ?? 0, row.last == "0")
    }
}

extension StandIn {
    /// How many requests the planned faults have met.
    func faultHits() async throws -> Int {
        struct Answer: Decodable {
            struct Fault: Decodable { let hits: Int }
            let faults: [Fault]
        }
        let answer = try await control(.get, "/faults")
        return try JSONDecoder().decode(Answer.self, from: answer).faults.map(\.hits).reduce(0, +)
    }
}
