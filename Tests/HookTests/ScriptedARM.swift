import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import Synchronization

/// An ARM that keeps jobs as Automation does, and whose jobs end as a test wants.
final class ScriptedARM: HTTPTransport {
    struct Request: Sendable {
        let method: HTTPMethod
        let path: String
        let body: Data?
    }

    struct Job: Sendable {
        var status = "Running"
        var since = "2026-11-21T12:00:00.1234567+00:00"
        var streams: [String] = []
        let parameters: [String: String]
    }

    struct State: Sendable {
        var jobs: [String: Job] = [:]
        var names: [String] = []
        var requests: [Request] = []
        var runbook: (state: String, parameters: [String])? = (
            "Published", ["clientsecret", "sequence"]
        )
        var workers: [String]?
        /// How often a job is made and its answer lost.
        var answersToLose = 0
        /// The status for a name that is taken.
        var conflict = 409
    }

    let state = Mutex(State())

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    func endLast(as status: String, streams: [String] = []) {
        change { state in
            guard let name = state.names.last else { return }
            state.jobs[name]?.status = status
            state.jobs[name]?.streams = streams
        }
    }

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let body = request.body.map { secret in
            Data(secret.reveal { span in unsafe span.withUnsafeBytes { unsafe Array($0) } })
        }
        let path = request.url.replacing("https://arm.test", with: "", maxReplacements: 1)
        return try state.withLock { state throws(HTTPFailure) in
            state.requests.append(Request(method: request.method, path: path, body: body))
            let parts = (path.split(separator: "?").first ?? "").split(separator: "/").map(
                String.init
            )
            switch Array(parts.dropFirst(8)) {
            case let rest where rest.count == 2 && rest[0] == "jobs":
                return try job(rest[1], request.method, body, &state)
            case let rest where rest.count == 3 && rest[2] == "streams":
                let all = (state.jobs[rest[1]]?.streams ?? []).map {
                    ["properties": ["streamType": $0, "summary": "s3cret"]]
                }
                return answer(200, ["value": all])
            case let rest where rest.first == "runbooks":
                guard let runbook = state.runbook else { return answer(404, [:]) }
                let parameters = Dictionary(
                    uniqueKeysWithValues: runbook.parameters.map { ($0, ["type": "System.String"]) }
                )
                let properties: [String: Any] = ["state": runbook.state, "parameters": parameters]
                return answer(200, ["properties": properties])
            default:
                guard let workers = state.workers else { return answer(404, [:]) }
                let all = workers.map { ["properties": ["lastSeenDateTime": $0]] }
                return answer(200, ["value": all])
            }
        }
    }

    private func job(
        _ name: String,
        _ method: HTTPMethod,
        _ body: Data?,
        _ state: inout State
    ) throws(HTTPFailure) -> HTTPResponse {
        guard method == .put else {
            guard let job = state.jobs[name] else { return answer(404, [:]) }
            return answer(
                200,
                ["properties": ["status": job.status, "lastStatusModifiedTime": job.since]]
            )
        }
        if state.jobs[name] != nil { return answer(state.conflict, [:]) }
        let sent = body.flatMap { try? JSONSerialization.jsonObject(with: $0) }
        let properties = (sent as? [String: Any])?["properties"] as? [String: Any]
        let parameters = properties?["parameters"] as? [String: String] ?? [:]
        state.jobs[name] = Job(parameters: parameters)
        state.names.append(name)
        if state.answersToLose > 0 {
            state.answersToLose -= 1
            throw HTTPFailure(.maybeSent, code: 28, call: "curl_easy_perform")
        }
        return answer(201, ["properties": ["status": "New"]])
    }

    private func answer(_ status: Int, _ body: [String: Any]) -> HTTPResponse {
        let data = (try? JSONSerialization.data(withJSONObject: body)) ?? Data()
        return HTTPResponse(status: status, headers: HTTPHeaders(), body: Secret(copying: data))
    }
}

/// A token that is always the same.
struct SameToken: TokenSource {
    func token(for resource: String, claims: String?) async throws(StepFailure) -> AccessToken {
        AccessToken(
            secret: Secret(copying: "token".utf8),
            expires: .distantFuture,
            refreshes: .distantFuture
        )
    }

    func forget(_ resource: String) async {}
}
