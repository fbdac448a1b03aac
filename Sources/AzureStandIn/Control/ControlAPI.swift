import Foundation

/// The test's hand on the stand-in: faults, time, permissions, and what everything accepts.
struct ControlAPI: Sendable {
    static let pollInterval = Duration.milliseconds(20)
    static let longestWaitSeconds = 60.0

    let standIn: StandIn
    let token: String
    let builder: WorldBuilder

    static func operation(of call: Call) -> String { call.path.first ?? "unknown" }

    func answer(_ call: Call) async -> Answer {
        guard call.bearer == token else {
            return Answer(401, ["error": "authorization: expected the token of control-token"])
        }
        do {
            let answer = try await route(call)
            if call.method != "GET" { try await note(call) }
            return answer
        } catch let refusal as ControlRefusal {
            return Answer(400, ["error": .string(refusal.description)])
        } catch let failure as StandInFailure {
            return Answer(500, ["error": .string(failure.description)])
        } catch {
            return Answer(400, ["error": "the body is not what this path expects"])
        }
    }

    private func note(_ call: Call) async throws {
        try await standIn.note(
            api: "control",
            operation: ControlAPI.operation(of: call),
            [
                "kind": "control", "method": .string(call.method), "path": .string(call.rawPath),
            ]
        )
    }

    private func route(_ call: Call) async throws -> Answer {
        let path = call.path
        switch (call.method, path.first ?? "", path.count) {
        case ("GET", "health", 1): return Answer(200, ["status": "ok"])
        case ("GET", "changes", 1): return try await changes(call)
        case ("GET", "accepted", 1): return Answer(200, await standIn.read(Accepted.json))
        case (_, "faults", 1...2), (_, "settings", 1), (_, "clock", 1), (_, "permissions", 1...2):
            return try await behaviour(call)
        case (_, "applications", 1...4), (_, "vaults", 1...4), (_, "runbooks", 1),
            (_, "workers", 3):
            return try await things(call)
        case ("GET", "jobs", 1): return Answer(200, await standIn.read(Accepted.jobs))
        case (_, "subscriptions", 1...2), ("GET", "deliveries", 1), ("POST", "events", 1):
            return try await events(call)
        default: return unknown(call)
        }
    }

    func unknown(_ call: Call) -> Answer {
        Answer(404, ["error": .string("no \(call.method) \(call.rawPath) here")])
    }

    /// Waits for a change, at most as long as asked, so that observers need not poll hard.
    private func changes(_ call: Call) async throws -> Answer {
        let since = call.query["since"].flatMap(Int.init) ?? 0
        let wait = min(
            call.query["wait"].flatMap(Double.init) ?? 0,
            ControlAPI.longestWaitSeconds
        )
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(wait)
        while true {
            let answer = await standIn.changes(since: since, api: call.query["api"])
            let isEmpty = answer["changes"]?.elements?.isEmpty ?? true
            if !isEmpty || clock.now >= deadline { return Answer(200, answer) }
            try await Task.sleep(for: ControlAPI.pollInterval)
        }
    }

    func body(_ call: Call) throws -> JSON {
        guard let json = call.json, case .object = json else {
            throw ControlRefusal("body: expected a JSON object")
        }
        return json
    }

    func decode<Value: Decodable>(_ type: Value.Type, _ call: Call) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(call.body))
        } catch let error as DecodingError {
            throw ControlRefusal(ScenarioFile.description(of: error))
        }
    }
}
