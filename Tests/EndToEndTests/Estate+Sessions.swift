import Foundation
import RealParts

extension Estate {
    /// A client with a session at the database, which stays open until the client ends.
    func openSession(
        _ name: String,
        as role: String,
        _ password: String
    ) async throws -> ChildProcess {
        var environment = ProcessInfo.processInfo.environment
        environment["PGPASSWORD"] = password
        environment["PGAPPNAME"] = name
        let before = try await sessions(of: name, as: role)
        let client = try ChildProcess(
            postgres.client,
            [
                "-X", "-q", "-h", postgres.host, "-p", "\(postgres.port)", "-U", role, "-d",
                roles.database,
            ],
            environment: environment,
            input: .pipe
        )
        try await eventually(within: .seconds(30), "\(name) is signed in as \(role)") {
            guard client.isRunning else { throw PartFailure("it ended: \(client.errors)") }
            return try await self.sessions(of: name, as: role) > before
        }
        return client
    }

    private func sessions(of name: String, as role: String) async throws -> Int {
        let count = try await postgres.psql(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = '\(name)' AND usename = '\(role)'
            """
        )
        return Int(count) ?? 0
    }

    /// Waits until the history of a secret's newest rotation says something.
    func says(
        _ words: String,
        about secret: String,
        within limit: Duration = .seconds(60)
    ) async throws {
        var text = ""
        do {
            try await eventually(within: limit, "\(secret): \(words)") {
                guard let id = try await self.history(of: secret).first?.id else { return false }
                text = try await self.rekey("history", id).output
                return text.contains(words)
            }
        } catch {
            throw PartFailure("\(error)\n\(text)")
        }
    }
}
