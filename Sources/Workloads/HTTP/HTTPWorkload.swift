import Foundation
package import RekeyCore
package import RekeyPlatform
package import RekeyPorts

/// An application that is asked over HTTP how it is, and told to reload where it wants to be.
package struct HTTPWorkload: Workload {
    private let settings: HTTPWorkloadSettings
    private let http: HTTPClient

    package init(_ settings: HTTPWorkloadSettings, http: HTTPClient) {
        self.settings = settings
        self.http = http
    }

    /// Calls the reload URL with the order's key as `Idempotency-Key`: a repeat is the
    /// application's to recognise.
    ///
    /// Without a reload URL there is nothing to do.
    package func refresh(_ order: WorkloadOrder) async throws(StepFailure) {
        guard let url = settings.reloadURL else { return }
        var request = try await self.request(.post, url)
        request.headers.append(HTTPHeader(name: "Idempotency-Key", value: order.key.text))
        let response = try await send(request)
        guard (200..<300).contains(response.status) else {
            throw failure(.transient, "reload answered \(response.status)")
        }
    }

    /// The strongest level that a good answer shows; a check that fails shows nothing.
    package func observe(_ order: WorkloadOrder) async throws(StepFailure) -> EvidenceLevel {
        var level = EvidenceLevel.none
        for check in settings.checks where try await passes(check, order) {
            level = max(level, check.shows)
        }
        return level
    }

    package func preflight() async throws(StepFailure) -> [Finding] {
        var findings: [Finding] = []
        for check in settings.checks {
            let response = try await send(try await request(.get, check.url))
            guard response.status != check.status else { continue }
            let text = "a check answered \(response.status), and \(check.status) is expected"
            findings.append(Finding(.warning, "workload \(settings.name)", text))
        }
        return findings
    }

    private func passes(
        _ check: HTTPWorkloadSettings.Check,
        _ order: WorkloadOrder
    ) async throws(StepFailure) -> Bool {
        let response = try await send(try await request(.get, check.url))
        guard response.status == check.status else { return false }
        guard let pointer = check.pointer.flatMap(JSONPointer.init) else { return true }
        let found = answer(response.body, at: pointer)
        guard let expected = check.equals else { return found != nil }
        let place = HTTPWorkloadSettings.Check.versionPlace
        guard expected.contains(place) else { return found == expected }
        return order.carriers.contains {
            found == expected.replacingOccurrences(of: place, with: $0.version.text)
        }
    }

    /// A text, number or truth value in a JSON answer, as text.
    private func answer(_ body: Secret, at pointer: JSONPointer) -> String? {
        let bytes = body.reveal { span in unsafe span.withUnsafeBytes { unsafe Data($0) } }
        // An answer that is no JSON has nothing at the pointer.
        var node = try? JSONDecoder().decode(JSONAnswer.self, from: bytes)
        for token in pointer.tokens { node = node?[token] }
        return node?.text
    }

    private func request(
        _ method: HTTPMethod,
        _ url: String
    ) async throws(StepFailure) -> HTTPRequest {
        var headers: [HTTPHeader] = []
        if let name = settings.header, let token = settings.token {
            headers.append(HTTPHeader(name: name, secret: try await token()))
        }
        let timeout = Duration.seconds(settings.timeoutSeconds)
        return HTTPRequest(method, url, headers: headers, timeout: timeout)
    }

    private func send(_ request: HTTPRequest) async throws(StepFailure) -> HTTPResponse {
        do {
            return try await http.send(request)
        } catch {
            // Reloading again with the same key is the application's to recognise.
            throw failure(.transient, "\(error)")
        }
    }

    private func failure(_ kind: StepFailure.Kind, _ what: String) -> StepFailure {
        StepFailure(kind, "workload \(settings.name): \(what)")
    }
}

/// What an application answered, as far as a pointer can lead into it.
private enum JSONAnswer: Decodable {
    case object([String: JSONAnswer])
    case list([JSONAnswer])
    case single(String)
    case nothing

    init(from decoder: any Decoder) throws {
        // Each attempt may fail: JSON says its type only by what decodes.
        if let object = try? [String: JSONAnswer](from: decoder) {
            self = .object(object)
        } else if let list = try? [JSONAnswer](from: decoder) {
            self = .list(list)
        } else {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .single(text)
            } else if let truth = try? container.decode(Bool.self) {
                self = .single(truth ? "true" : "false")
            } else if let number = try? container.decode(Int.self) {
                self = .single(String(number))
            } else {
                self = .nothing
            }
        }
    }

    subscript(token: String) -> JSONAnswer? {
        switch self {
        case .object(let object): object[token]
        case .list(let list):
            Int(token).flatMap { list.indices.contains($0) ? list[$0] : nil }
        case .single, .nothing: nil
        }
    }

    var text: String? {
        if case .single(let text) = self { return text }
        return nil
    }
}
