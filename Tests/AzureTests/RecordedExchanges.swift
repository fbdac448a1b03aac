import Foundation
import RealParts
import RekeyAzure
import RekeyCore
import RekeyPlatform
import StandInParts
import Synchronization

/// Azure as it once answered: each request gets the next recorded answer.
final class RecordedExchanges: HTTPTransport {
    struct Exchange: Decodable, Sendable {
        struct Request: Decodable, Sendable {
            let method: String
            let url: String
            let body: String?
        }

        struct Response: Decodable, Sendable {
            let status: Int
            let headers: [String: String]
            let body: String
        }

        let tag: String
        let seq: Int
        let request: Request
        let response: Response
    }

    /// What was sent instead.
    struct Sent: Sendable {
        let method: String
        let url: String
        let headerNames: [String]
        let body: String?
    }

    private let state: Mutex<(rest: [Exchange], sent: [Sent])>

    /// The exchanges of one tag, in the order of `sequence`.
    init(
        _ tag: String,
        _ sequence: [Int],
        changing change: (Exchange) -> Exchange = { $0 }
    ) throws {
        let folder = (#filePath as NSString).deletingLastPathComponent
        let file = URL(fileURLWithPath: "\(folder)/Recordings/azure-exchanges.json")
        let all = try JSONDecoder().decode([Exchange].self, from: Data(contentsOf: file))
        let wanted = try sequence.map { number in
            guard let found = all.first(where: { $0.tag == tag && $0.seq == number }) else {
                throw PartFailure("no exchange \(number) of \(tag)")
            }
            return change(found)
        }
        state = Mutex((wanted, []))
    }

    var sent: [Sent] { state.withLock(\.sent) }
    var unused: Int { state.withLock(\.rest.count) }

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let sent = Sent(
            method: request.method.rawValue,
            url: request.url,
            headerNames: request.headers.map { $0.name.lowercased() },
            body: request.body?.text
        )
        let next = state.withLock { state -> Exchange? in
            state.sent.append(sent)
            return state.rest.isEmpty ? nil : state.rest.removeFirst()
        }
        guard let next else { throw HTTPFailure(.notSent, code: 7, call: "nothing recorded") }
        return HTTPResponse(
            status: next.response.status,
            headers: HTTPHeaders(next.response.headers.map { ($0.key, $0.value) }),
            body: Secret(text: next.response.body)
        )
    }
}

/// One token for everything, and what it was asked for.
final class SameToken: TokenSource {
    private let asked = Mutex<[(resource: String, claims: String?)]>([])
    private let kept = Mutex(0)

    var resources: [String] { asked.withLock { $0.map(\.resource) } }
    var claims: [String] { asked.withLock { $0.compactMap(\.claims) } }
    var forgotten: Int { kept.withLock(\.self) }

    func token(for resource: String, claims: String?) async throws(StepFailure) -> AccessToken {
        asked.withLock { $0.append((resource, claims)) }
        let end = Date.distantFuture
        return AccessToken(secret: Secret(text: "t"), expires: end, refreshes: end)
    }

    func forget(_ resource: String) async { kept.withLock { $0 += 1 } }
}
