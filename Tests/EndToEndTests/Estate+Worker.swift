import Foundation
import RealParts
import RekeyCore
import RekeyPlatform
import StandInParts

extension Estate {
    /// Starts `rekey run`, and returns once it is ready and knows both secrets.
    func startWorker(knowing isKnowing: Bool = true) async throws -> ChildProcess {
        let worker = try ChildProcess(
            try BuiltProgram.path("rekey"),
            ["run", "--config", configurationPath]
        )
        try await eventually(within: .seconds(60), "rekey is ready: \(folder.path)") {
            guard worker.isRunning else { throw PartFailure("it ended: \(worker.errors)") }
            return try await self.http.send(HTTPRequest(.get, self.gateway + "/ready")).status
                == 200
        }
        if isKnowing {
            try await eventually(within: .seconds(30), "both secrets are known") {
                let rows = try await self.status().secrets
                return rows.count == 2 && rows.allSatisfy { $0.state != "unknown" }
            }
        }
        return worker
    }

    /// Runs another command of `rekey` to its end.
    func rekey(
        _ arguments: String...,
        config: String? = nil,
        within limit: Duration = .seconds(60)
    ) async throws -> ChildProcess.Outcome {
        var environment = ProcessInfo.processInfo.environment
        environment["REKEY_CONFIG"] = config ?? configurationPath
        return try await ChildProcess.run(
            try BuiltProgram.path("rekey"),
            arguments,
            environment: environment,
            workingDirectory: folder.path,
            within: limit
        )
    }

    /// Starts another command of `rekey`, and does not wait for its end.
    func start(_ arguments: String..., config: String? = nil) throws -> ChildProcess {
        try ChildProcess(
            try BuiltProgram.path("rekey"),
            arguments + ["--config", config ?? configurationPath]
        )
    }

    /// What `rekey status --json` says.
    struct Status: Decodable, Sendable {
        struct Row: Decodable, Sendable {
            let secret: String
            let state: String
            let step: String?
            let rotation: String?
        }

        let secrets: [Row]
        let waitingInbox: Int
        let unsentOutbox: Int
    }

    func status() async throws -> Status {
        let outcome = try await rekey("status", "--json")
        guard outcome.succeeded else { throw PartFailure(outcome.errors) }
        return try JSONDecoder().decode(Status.self, from: Data(outcome.output.utf8))
    }

    /// State by rotation id of a secret's rotations, from the gateway's API.
    struct RotationRow: Decodable, Sendable {
        let id: String
        let secret: String
        let state: String
    }

    /// Waits until the worker has nothing left to do and no queue holds anything but parked events.
    func settles(within limit: Duration = .seconds(150)) async throws {
        var quiet = 0
        let pause = Duration.milliseconds(300)
        try await eventually(within: limit, pausingUpTo: pause, "nothing is left to do") {
            let queues = try await self.rabbit.listQueues(self.virtualHost)
            let waiting = queues.filter { !$0.key.hasPrefix("rekey.parked.") }
                .reduce(0) { $0 + $1.value.messages + $1.value.unacknowledged }
            let metrics = try await self.metrics()
            let isQuiet =
                waiting == 0 && metrics["rekey_inbox_rows"] == 0
                && metrics["rekey_outbox_rows"] == 0 && metrics["rekey_rotations_in_flight"] == 0
            quiet = isQuiet ? quiet + 1 : 0
            let names = ["rekey_inbox_rows", "rekey_outbox_rows", "rekey_rotations_in_flight"]
            let counts = names.map { "\($0) \(metrics[$0] ?? -1)" }.joined(separator: ", ")
            guard isQuiet else { throw PartFailure("queues \(waiting), \(counts)") }
            return quiet >= 3
        }
    }

    /// The unlabelled numbers of `/metrics`.
    func metrics() async throws -> [String: Double] {
        let text = try await http.send(HTTPRequest(.get, gateway + "/metrics")).body.text
        var found: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if words.count == 2 { found[String(words[0])] = Double(words[1]) }
        }
        return found
    }

    /// Waits until a secret's newest rotation has ended, and says how.
    func end(of secret: String, count: Int = 1) async throws -> String {
        var state = ""
        let what = "rotation \(count) of \(secret) ends"
        // Each look is a process, and other tests want the processor.
        let pause = Duration.milliseconds(500)
        try await eventually(within: .seconds(90), pausingUpTo: pause, what) {
            let rows = try await self.history(of: secret)
            guard rows.count >= count, let newest = rows.first else { return false }
            state = newest.state
            return ["closed", "rolledBack", "abandoned"].contains(state)
        }
        return state
    }

    /// Past and present rotations by `rekey history`, the newest first.
    func history(of secret: String) async throws -> [(state: String, id: String)] {
        let outcome = try await rekey("history", secret)
        guard outcome.succeeded else { throw PartFailure(outcome.errors) }
        return outcome.output.split(separator: "\n").dropFirst().compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 4, words[1] == secret, let id = words.last else { return nil }
            return (words[2], id)
        }
    }

    /// Who asked for a secret's newest rotation, by the gateway's API.
    func requester(of secret: String) async throws -> String? {
        struct Row: Decodable {
            let secret: String
            let requestedBy: String
        }
        let token = HTTPHeader(name: "Authorization", value: "Bearer \(Self.apiToken)")
        let address = gateway + "/api/rotations?secret=\(secret)"
        let response = try await http.send(HTTPRequest(.get, address, headers: [token]))
        let rows = try JSONDecoder().decode([Row].self, from: Data(response.body.text.utf8))
        return rows.first?.requestedBy
    }

    /// Whether a role may sign in with a password, over a fresh connection.
    func canSignIn(_ role: String, _ password: String) async throws -> Bool {
        var environment = ProcessInfo.processInfo.environment
        environment["PGPASSWORD"] = password
        environment["PGCONNECT_TIMEOUT"] = "10"
        let outcome = try await ChildProcess.run(
            postgres.client,
            [
                "-X", "-q", "-h", postgres.host, "-p", "\(postgres.port)", "-U", role, "-d",
                roles.database, "-c", "SELECT 1",
            ],
            environment: environment
        )
        return outcome.succeeded
    }
}
